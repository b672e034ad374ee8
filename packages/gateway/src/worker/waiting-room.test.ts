import { createGauge } from "@flyball/telemetry";
import { describe, expect, it } from "vitest";
import { systemClock, type Clock } from "@flyball/core";
import { createWaitingRoom, MAX_WAITING, type Waiter } from "./waiting-room.ts";

function room() {
  let now = 0;
  const timers: { at: number; run: () => void; isCancelled: boolean }[] = [];
  const clock: Clock = {
    ...systemClock,
    monotonic: () => now,
    after(delayMs, run) {
      const timer = { at: now + delayMs, run, isCancelled: false };
      timers.push(timer);
      return () => void (timer.isCancelled = true);
    },
  };
  const gauge = createGauge({ name: "waiting", help: "" });
  return {
    room: createWaitingRoom(clock, gauge.series()),
    shown: () => gauge.collect().samples[0]?.value,
    advance(ms: number) {
      now += ms;
      for (const timer of timers.splice(0)) {
        if (timer.isCancelled) continue;
        if (timer.at <= now) timer.run();
        else timers.push(timer);
      }
    },
  };
}

/** One who finds a place when `hasPlace` says so, and notes what became of him. */
function guest(
  name: string,
  notes: string[],
  { priority = 1, enteredAt = 0, hasPlace = (): boolean => true } = {},
): Waiter {
  return {
    priority,
    enteredAt,
    take: hasPlace,
    go: () => void notes.push(name),
    giveWay: () => void notes.push(`${name} gave way`),
  };
}

describe("createWaitingRoom", () => {
  it("lets in by class, and in a class in order of arrival, each once, and shows how many wait", () => {
    const { room: waiting, shown } = room();
    const notes: string[] = [];
    let places = 0;
    const hasPlace = (): boolean => places-- > 0;
    for (const [name, priority] of [
      ["a", 0],
      ["b", 1],
      ["c", 2],
      ["d", 1],
    ] as const) {
      waiting.enter(guest(name, notes, { priority, hasPlace }));
    }
    expect([shown(), waiting.before(0), waiting.before(1), waiting.before(2)]).toEqual([4, 4, 3, 1]);
    places = 1;
    waiting.wake();
    expect(notes).toEqual(["c"]);
    places = 9;
    waiting.wake();
    expect(notes).toEqual(["c", "b", "d", "a"]);
    expect([waiting.size, shown()]).toEqual([0, 0]);
  });

  it("does not let in who left", () => {
    const { room: waiting, shown } = room();
    const one = guest("a", []);
    waiting.enter(one);
    waiting.leave(one);
    waiting.leave(one);
    waiting.wake();
    expect([waiting.size, shown()]).toEqual([0, 0]);
  });

  it("knows who has waited longest, of whatever class", () => {
    const { room: waiting } = room();
    expect(waiting.oldestAt()).toBe(Number.POSITIVE_INFINITY);
    for (const [enteredAt, priority] of [
      [30, 2],
      [10, 0],
      [20, 1],
      [40, 0],
    ] as const) {
      waiting.enter(guest("x", [], { priority, enteredAt }));
    }
    expect(waiting.oldestAt()).toBe(10);
  });

  it("keeps the turn of one who finds no place", () => {
    const { room: waiting } = room();
    const notes: string[] = [];
    let hasPlace = false;
    for (const name of ["a", "b"]) waiting.enter(guest(name, notes, { hasPlace: () => hasPlace }));
    waiting.wake();
    expect([notes, waiting.size]).toEqual([[], 2]);
    hasPlace = true;
    waiting.wake();
    expect(notes).toEqual(["a", "b"]);
  });

  it("turns away more than a thousand, unless one of a lower class waits", () => {
    const { room: waiting, shown } = room();
    const notes: string[] = [];
    waiting.enter(guest("older", notes, { priority: 0 }));
    waiting.enter(guest("younger", notes, { priority: 0 }));
    for (let index = 2; index < MAX_WAITING; index += 1) expect(waiting.enter(guest("x", notes))).toBe(true);
    expect(waiting.enter(guest("low", notes, { priority: 0 }))).toBe(false);
    expect(waiting.enter(guest("normal", notes))).toBe(true);
    expect(waiting.enter(guest("high", notes, { priority: 2 }))).toBe(true);
    expect(notes).toEqual(["younger gave way", "older gave way"]);
    expect(waiting.enter(guest("normal", notes))).toBe(false);
    expect([waiting.size, shown()]).toEqual([MAX_WAITING, MAX_WAITING]);
  });

  it("looks at the first at the earliest time that was asked for", () => {
    const { room: waiting, advance } = room();
    const notes: string[] = [];
    let places = 0;
    const hasPlace = (): boolean => places-- > 0;
    for (const name of ["a", "b"]) waiting.enter(guest(name, notes, { hasPlace }));
    waiting.wakeAt(500);
    waiting.wakeAt(250);
    waiting.wakeAt(Number.POSITIVE_INFINITY);
    places = 1;
    advance(249);
    expect(notes).toEqual([]);
    advance(1);
    expect(notes).toEqual(["a"]);
    places = 1;
    advance(1_000);
    expect(notes).toEqual(["a"]);
  });
});
