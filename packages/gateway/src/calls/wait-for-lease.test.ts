import { describe, expect, it } from "vitest";
import { createFakeClock } from "@flyball/fakes";
import { leaseAt, limitMemoryBytes, wrapLimitMemory } from "../limits/limit-layout.ts";
import { SHORT_AT } from "../limits/lease/lease-cells.ts";
import { createLeaseWaiters } from "../limits/lease/lease-waiters.ts";
import { createLimitRefusals } from "../metrics/limit-refusals.ts";
import type { Exchange } from "../stages/exchange.ts";
import { callError, type CallError } from "./call-client.ts";
import type { ShortRefusal } from "./open-account.ts";
import { waitForLease, type LeaseWait } from "./wait-for-lease.ts";

const SHORT = {
  kind: "refused",
  asked: [{ counter: 0, amount: 1, refill: 1, isToTell: true }],
  retryAfterMs: 1_000,
  limit: { subject: "key:k_1", unit: "requests", text: "100/min", counter: { kind: "rate", index: 0, generation: 1 } },
} as unknown as ShortRefusal;
const SPENT = callError("FB_GATEWAY_LIMIT", { subject: "the key k_1", limit: "100/min" }, { retryAfterMs: 1_000 });

function scene() {
  const clock = createFakeClock();
  const { cells } = wrapLimitMemory(new SharedArrayBuffer(limitMemoryBytes(1)));
  const limitRefusals = createLimitRefusals();
  const exchange = {
    context: { ledger: { waiters: createLeaseWaiters(clock, { cells }) }, metrics: { limitRefusals } },
    isClientGone: false,
  } as unknown as Exchange;
  const told: CallError[] = [];
  const wait = (turn?: LeaseWait["turn"]): void =>
    waitForLease(exchange, { error: SPENT, short: SHORT, turn }, { again: wait, refuse: (error) => told.push(error) });
  return { clock, cells, exchange, told, wait, counted: () => limitRefusals.collect().samples };
}

describe("a call that a lease could let in", () => {
  it("is no refusal while it waits; a store that has not answered then is late, and nothing is told to be spent", async () => {
    const { clock, told, wait, counted } = scene();
    wait();
    expect([told, counted()]).toEqual([[], []]);
    await clock.advance(60);
    expect(told[0]).toMatchObject({ code: "FB_GATEWAY_LIMIT_LATE", status: 503, retryAfterMs: 250 });
    expect(told[0]?.message).toContain(
      "the limit store is late: whether the key k_1 has room in its limit of 100/min is not known yet",
    );
    expect(counted()).toEqual([{ labels: ["late", "key", "requests"], value: 1 }]);
  });

  it("is told that the limit is spent when the store said so meanwhile", async () => {
    const { clock, cells, told, wait, counted } = scene();
    wait();
    await clock.advance(10);
    cells[leaseAt(0) + SHORT_AT] = clock.now();
    await clock.advance(60);
    expect(told).toEqual([SPENT]);
    expect(counted()).toEqual([{ labels: ["rate", "key", "requests"], value: 1 }]);
  });

  it("is not counted again where the ledger has counted it", () => {
    const { exchange, counted } = scene();
    const wait = { error: SPENT, short: undefined, turn: undefined };
    const told: CallError[] = [];
    waitForLease(exchange, wait, { again: () => undefined, refuse: (error) => told.push(error) });
    expect(told).toEqual([SPENT]);
    expect(counted()).toEqual([]);
  });
});
