import { describe, expect, it } from "vitest";
import { createFakeClock } from "@flyball/fakes";
import { createLeaseWaiters } from "../limits/lease/lease-waiters.ts";
import { createLimitRefusals } from "../metrics/limit-refusals.ts";
import type { Exchange } from "../stages/exchange.ts";
import type { ShortRefusal } from "./open-account.ts";
import { waitForLease } from "./wait-for-lease.ts";

const REFUSAL = {
  kind: "refused",
  isShort: true,
  retryAfterMs: 1_000,
  limit: { subject: "key:k_1", unit: "requests", text: "100/min", counter: { kind: "rate", index: 0, generation: 1 } },
} as unknown as ShortRefusal;

function scene() {
  const clock = createFakeClock();
  const limitRefusals = createLimitRefusals();
  const exchange = {
    context: { ledger: { waiters: createLeaseWaiters(clock) }, metrics: { limitRefusals } },
    isClientGone: false,
  } as unknown as Exchange;
  return { clock, exchange, counted: () => limitRefusals.collect().samples.reduce((sum, { value }) => sum + value, 0) };
}

describe("a call that a lease could let in", () => {
  it("is no refusal while it waits, and one when it has waited in vain", async () => {
    const { clock, exchange, counted } = scene();
    let tries = 0;
    const again = (until: number): void => {
      tries += 1;
      waitForLease(exchange, { refusal: REFUSAL, until }, again);
    };
    expect(waitForLease(exchange, { refusal: REFUSAL, until: undefined }, again)).toBe(true);
    expect(counted()).toBe(0);
    await clock.advance(30);
    expect([tries, counted()]).toEqual([1, 1]);
  });

  it("is not counted again where the ledger has counted it", () => {
    const { exchange, counted } = scene();
    expect(waitForLease(exchange, { refusal: undefined, until: undefined }, () => undefined)).toBe(false);
    expect(counted()).toBe(0);
  });
});
