import { describe, expect, it } from "vitest";
import { createFakeClock } from "@flyball/fakes";
import { createLeaseWaiters, LEASE_WAIT_MS } from "./lease-waiters.ts";

describe("calls that wait for a lease", () => {
  it("try again when something was leased, and once more when their time is over", async () => {
    const clock = createFakeClock();
    const waiters = createLeaseWaiters(clock);
    const tries: number[] = [];
    const began = clock.monotonic();
    const end = waiters.deadline();
    const tryAgain = (): void => {
      tries.push(clock.monotonic() - began);
      if (!waiters.wait(end, tryAgain)) tries.push(-1);
    };
    expect(waiters.wait(end, tryAgain)).toBe(true);
    await clock.advance(4);
    waiters.wake();
    await clock.advance(30);
    waiters.wake();
    expect(tries).toEqual([4, LEASE_WAIT_MS, -1]);
  });

  it("are refused at once when too many wait", () => {
    const waiters = createLeaseWaiters(createFakeClock());
    const waiting = Array.from({ length: 1_025 }, () => waiters.wait(waiters.deadline(), () => undefined));
    expect(waiting.filter(Boolean)).toHaveLength(1_024);
  });
});
