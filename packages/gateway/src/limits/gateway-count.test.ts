import { expect, it } from "vitest";
import { createGatewayCount, STAYS_MS } from "./gateway-count.ts";

it("counts a gateway that stays, not one of a hand-over, and lets one that is gone go at once", () => {
  const count = createGatewayCount();
  const heard = (serving: number, now: number): number => {
    count.hear(serving, now);
    return count.gateways;
  };
  expect([heard(2, 0), heard(2, STAYS_MS - 1), heard(1, STAYS_MS), heard(2, STAYS_MS + 1)]).toEqual([1, 1, 1, 1]);
  expect([heard(2, 2 * STAYS_MS), heard(2, 2 * STAYS_MS + 1), heard(0, 2 * STAYS_MS + 2)]).toEqual([1, 2, 1]);
});
