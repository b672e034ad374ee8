import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { HEALTHY_KINDS } from "./testing/healthy-kind.ts";
import { createHealthyPool } from "./testing/healthy-pool.ts";
import { createPoolWatch } from "./testing/watch-pool.ts";

const DAY_MS = 86_400_000;

// The short form of bench/faults/healthy-days.ts, which plays a thousand instance-days.
describe("a day of a healthy service, with pauses, long thinking, deploys, bursts of 429 and a daily rhythm", () => {
  it.each(HEALTHY_KINDS)("gives no finding ($name)", (kind) => {
    const random = seededRandom(5);
    const pool = createHealthyPool(kind, random);
    const watched = createPoolWatch(random);
    const began: unknown[] = [];
    let requests = 0;
    for (let at = 0; at < DAY_MS;) {
      const step = pool.step();
      at = step.at;
      for (const { outcomes } of step.requests) requests += outcomes.succeeded ?? 0;
      began.push(...watched.watch(step).filter(([what]) => what !== "ejection"));
    }
    expect(began).toEqual([]);
    expect(requests).toBeGreaterThan((kind.perSecond * DAY_MS) / 1_000 / 3);
  });
});
