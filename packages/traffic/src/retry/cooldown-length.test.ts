import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextCooldown, needsPerson, type Cooldown } from "./cooldown-length.ts";
import type { CooldownReason } from "./judge-answer.ts";

const unsaid = (reason: CooldownReason) => ({ reason, toldMs: undefined });

describe("nextCooldown", () => {
  it("obeys what the backend says", () => {
    const cooldown = nextCooldown(undefined, { reason: "rate-limited", toldMs: 2_000 }, 100);
    expect(cooldown.until).toBe(2_100);
  });

  it("doubles when the backend says nothing and refuses again after each cooldown, up to a minute", () => {
    let cooldown: Cooldown | undefined;
    let now = 0;
    const lengths: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      cooldown = nextCooldown(cooldown, unsaid("rate-limited"), now);
      lengths.push((cooldown.until - now) / 1_000);
      now = cooldown.until + 1;
    }
    expect(lengths).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  });

  it("begins anew after a good while", () => {
    const first = nextCooldown(undefined, unsaid("overloaded"), 0);
    expect(nextCooldown(first, unsaid("overloaded"), first.until + 4_000).lengthMs).toBe(1_000);
    expect(nextCooldown(first, unsaid("overloaded"), first.until + 3_999).lengthMs).toBe(2_000);
  });

  it("does not double for a hundred refusals that were on their way at once", () => {
    let cooldown = nextCooldown(undefined, unsaid("rate-limited"), 0);
    for (let late = 1; late <= 100; late += 1) cooldown = nextCooldown(cooldown, unsaid("rate-limited"), late);
    expect(cooldown.until).toBe(1_000);
  });

  it("cools ten minutes to an hour for money and keys, whatever a short word says", () => {
    expect(nextCooldown(undefined, { reason: "quota", toldMs: 1_000 }, 0).until).toBe(600_000);
    expect(nextCooldown(undefined, unsaid("key"), 0).until).toBe(600_000);
    expect([needsPerson("quota"), needsPerson("key"), needsPerson("rate-limited")]).toEqual([true, true, false]);
  });

  it("never shortens a cooldown and is never longer than an hour, whatever comes in whatever order", () => {
    const refusal = fc.record({
      reason: fc.constantFrom<CooldownReason>("rate-limited", "overloaded", "quota", "key", "model-missing"),
      toldMs: fc.option(fc.integer({ min: 1, max: 3_600_000 }), { nil: undefined }),
      waitMs: fc.nat(100_000),
    });
    fc.assert(
      fc.property(fc.array(refusal, { maxLength: 40 }), (refusals) => {
        let now = 0;
        let cooldown: Cooldown | undefined;
        for (const each of refusals) {
          now += each.waitMs;
          const next = nextCooldown(cooldown, each, now);
          expect(next.until).toBeGreaterThanOrEqual(cooldown?.until ?? 0);
          expect(next.until).toBeGreaterThan(now);
          expect(next.until - now).toBeLessThanOrEqual(3_600_000);
          if (each.toldMs !== undefined) expect(next.until).toBeGreaterThanOrEqual(now + each.toldMs);
          cooldown = next;
        }
      }),
    );
  });
});
