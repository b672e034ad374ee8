import { expect, it } from "vitest";
import { createSliceQueue, TURN_MS, type Slice } from "./slice-queue.ts";

/** A queue whose clock is moved by the slices themselves. */
function queueOf(): { add(slice: Slice): void; spend(ms: number): void } {
  let now = 0;
  const { add } = createSliceQueue({ monotonic: () => now });
  return { add, spend: (ms) => void (now += ms) };
}
const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

it("lets the loop turn when the time of a turn is over", async () => {
  const queue = queueOf();
  let left = 4;
  queue.add(() => {
    queue.spend(TURN_MS / 2);
    left -= 1;
    return left === 0;
  });
  expect(left).toBe(4);
  await nextTurn();
  expect(left).toBe(2);
  await nextTurn();
  expect(left).toBe(0);
});

it("shares its turns among all that wait, and goes on with the others when one ends", async () => {
  const queue = queueOf();
  const seen: string[] = [];
  const work = (name: string, slices: number): void => {
    let left = slices;
    queue.add(() => {
      queue.spend(1);
      seen.push(name);
      left -= 1;
      return left === 0;
    });
  };
  work("a", 1);
  work("b", 3);
  work("c", 2);
  await nextTurn();
  expect(seen).toEqual(["a", "b", "c", "b"]);
  await nextTurn();
  expect(seen).toEqual(["a", "b", "c", "b", "c", "b"]);
});

it("takes work that a last slice brings", async () => {
  const queue = queueOf();
  const seen: string[] = [];
  queue.add(() => {
    queue.add(() => seen.push("second") > 0);
    return seen.push("first") > 0;
  });
  await nextTurn();
  await nextTurn();
  expect(seen).toEqual(["first", "second"]);
});
