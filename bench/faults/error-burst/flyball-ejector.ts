// The very code of traffic/breaker.
import {
  breakerFailed,
  breakerPermission,
  breakerSucceeded,
  createBreaker,
  enterBreaker,
  type Breaker,
} from "@flyball/traffic";
import type { Ejector } from "./ejector.ts";

const PROBE_LIMIT_MS = 10_000;

export const flyballEjector: Ejector = {
  name: "flyball",
  createPool(endpoints, random) {
    const pool = Array.from({ length: endpoints }, () => createBreaker());
    let ejections = 0;
    const at = (endpoint: number): Breaker => pool[endpoint] as Breaker;
    return {
      takes: (endpoint, now) => breakerPermission(at(endpoint), now) !== "refuse",
      ended(endpoint, isGood, now) {
        const breaker = at(endpoint);
        const wasClosed = breaker.phase === "closed";
        const ticket = enterBreaker(breaker, now, PROBE_LIMIT_MS);
        if (isGood) {
          breakerSucceeded(breaker, ticket, now);
          return;
        }
        const ejection = breakerFailed(breaker, ticket, "failing", { now, random, pool });
        if (ejection !== undefined && wasClosed) ejections += 1;
      },
      ejections: () => ejections,
      isOut: (endpoint) => at(endpoint).phase !== "closed",
    };
  },
};
