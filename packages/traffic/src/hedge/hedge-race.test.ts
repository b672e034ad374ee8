import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { afterRaceEvent, RACE_OF_TWO, type HedgeRace, type Racer } from "./hedge-race.ts";

describe("the race of two attempts", () => {
  it("is won once by the first content, whatever comes in whatever order, and the other one is never heard", () => {
    const event = fc.tuple(fc.constantFrom<Racer>(0, 1), fc.constantFrom("content" as const, "failed" as const));
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (events) => {
        let race: HedgeRace = RACE_OF_TWO;
        const failed = new Set<Racer>();
        const actions: string[] = [];
        for (const [racer, what] of events) {
          const next = afterRaceEvent(race, racer, what);
          if (next.action !== "ignore") actions.push(next.action);
          if (what === "failed") failed.add(racer);
          race = next.race;
        }
        const ends = actions.filter((action) => action === "commit-and-cancel-other" || action === "fail");
        expect(ends.length).toBeLessThanOrEqual(1);
        if (ends[0] === "fail") expect(failed.size).toBe(2);
        expect(actions.filter((action) => action === "wait-for-other").length).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("leaves the call to the other when one fails", () => {
    const first = afterRaceEvent(RACE_OF_TWO, 0, "failed");
    expect(first.action).toBe("wait-for-other");
    expect(afterRaceEvent(first.race, 1, "content").action).toBe("commit-and-cancel-other");
    expect(afterRaceEvent(first.race, 1, "failed").action).toBe("fail");
  });
});
