import { describe, expect, it } from "vitest";
import { createFakeClock } from "@flyball/fakes";
import { leaseAt, limitMemoryBytes, wrapLimitMemory } from "../limit-layout.ts";
import { ASKED_AT, AT_HAND, endRefill, REFILLS, SHORT_AT } from "./lease-cells.ts";
import { createLeaseWaiters, LONGEST_WAIT_MS, REFILL_WAIT_MS } from "./lease-waiters.ts";
import { askForLease } from "./take-lease.ts";

const COUNTER = 3;
const OTHER = 4;

function scene() {
  const clock = createFakeClock();
  const memory = wrapLimitMemory(new SharedArrayBuffer(limitMemoryBytes(1)));
  const { cells } = memory;
  const waiters = createLeaseWaiters(clock, memory);
  const ends: string[] = [];
  const began = clock.monotonic();
  const turn = waiters.begin();
  const tell = (what: string): void => void ends.push(`${what} at ${clock.monotonic() - began}`);
  const start = (counters: readonly number[] = [COUNTER]): void =>
    waiters.wait(
      counters.map((counter) => askForLease(memory, counter, 10)),
      turn,
      {
        again() {
          tell("again");
          start(counters);
        },
        over: tell,
      },
    );
  return {
    clock,
    cells,
    waiters,
    ends,
    start,
    /** The main thread gathers what is wanted and asks the store. */
    ask(counter = COUNTER): void {
      cells[leaseAt(counter) + REFILLS] = (cells[leaseAt(counter) + REFILLS] as number) + 1;
      cells[leaseAt(counter) + ASKED_AT] = clock.now();
    },
    answer(counter = COUNTER): void {
      endRefill(cells, leaseAt(counter), cells[leaseAt(counter) + REFILLS] as number);
      waiters.wake();
    },
  };
}

describe("calls that wait for a lease", () => {
  it("try again when the refill that has their share is answered, and not for that of another limit or of others", async () => {
    const { clock, ends, start, ask, answer } = scene();
    ask();
    start();
    ask(OTHER);
    await clock.advance(4);
    answer(OTHER);
    answer();
    expect(ends).toEqual([]);
    ask();
    await clock.advance(3);
    answer();
    expect(ends).toEqual(["again at 7"]);
  });

  it("try again earlier when enough lies at hand", async () => {
    const { clock, cells, ends, start, ask, answer } = scene();
    ask();
    start();
    await clock.advance(2);
    cells[leaseAt(COUNTER) + AT_HAND] = 10;
    answer();
    expect(ends[0]).toBe("again at 2");
  });

  it("of two limits try again when both are answered", async () => {
    const { clock, ends, start, ask, answer } = scene();
    start([COUNTER, OTHER]);
    ask();
    ask(OTHER);
    await clock.advance(2);
    answer();
    expect(ends).toEqual([]);
    await clock.advance(2);
    answer(OTHER);
    expect(ends).toEqual(["again at 4"]);
  });

  it("have 25 ms from when the store was asked, not from when they came", async () => {
    const { clock, ends, start, ask } = scene();
    start();
    await clock.advance(18);
    ask();
    await clock.advance(100);
    expect(ends).toEqual([`late at ${18 + REFILL_WAIT_MS}`]);
  });

  it("share the time of a refill that is under way when they come, and are refused at once when it is late already", async () => {
    const { clock, ends, start, ask } = scene();
    ask();
    await clock.advance(20);
    start();
    await clock.advance(10);
    start();
    expect(ends).toEqual(["late at 25", "late at 30"]);
  });

  it("wait 50 ms at most, however often the store is asked meanwhile", async () => {
    const { clock, ends, start, ask, answer } = scene();
    start();
    for (let round = 0; round < 5; round += 1) {
      ask();
      await clock.advance(12);
      answer();
    }
    expect(ends).toEqual(["again at 12", "again at 24", "again at 36", "again at 48", `late at ${LONGEST_WAIT_MS}`]);
  });

  it("are told spent when the store's last word is no, since they came or just before", async () => {
    for (const [agoMs, told] of [
      [200, "spent"],
      [251, "late"],
    ] as const) {
      const { clock, cells, ends, start } = scene();
      cells[leaseAt(COUNTER) + SHORT_AT] = clock.now() - agoMs;
      start();
      await clock.advance(100);
      expect(ends).toEqual([`${told} at ${LONGEST_WAIT_MS}`]);
    }
  });

  it("are refused at once when too many wait", () => {
    const { ends, start } = scene();
    for (let call = 0; call < 1_025; call += 1) start();
    expect(ends).toEqual(["late at 0"]);
  });
});
