import { seededRandom } from "@flyball/fakes";
import type { BackendCondition } from "@flyball/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { planBackends, type BackendState, type PlannableBackend } from "./plan-backends.ts";

interface Named extends PlannableBackend {
  readonly id: string;
}

const backend = (id: string, change: Partial<Named> = {}): Named => ({ id, state: "free", ...change });
const plan = (models: readonly (readonly Named[])[], neededTokens?: number, seed = 1) =>
  planBackends({ models, neededTokens, random: seededRandom(seed) });

/** `a`, `b?` for one that is waited for, `c!` for one that needs a failure. */
function order(models: readonly (readonly Named[])[], neededTokens?: number, seed = 1): string {
  const result = plan(models, neededTokens, seed);
  if (result.kind !== "candidates") return result.kind;
  return result.order
    .map((each) => `${each.backend.id}${each.isWait ? "?" : ""}${each.needsFailure ? "!" : ""}`)
    .join(" ");
}

describe("planBackends", () => {
  it.each<[string, readonly (readonly Named[])[], string]>([
    ["goes through them in their order", [[backend("a"), backend("b")]], "a b"],
    ["leaves out what is not there", [[backend("a", { state: "unavailable" }), backend("b")]], "b"],
    ["leaves out what cools", [[backend("a", { state: "cooling", coolsUntil: 9 }), backend("b")]], "b"],
    ["never goes back to what failed", [[backend("a", { state: "failed" }), backend("b")]], "b"],
    [
      "takes the free one before it waits for a full one",
      [[backend("a", { state: "saturated" }), backend("b")]],
      "b a?",
    ],
    ["uses the spare after the first", [[backend("a"), backend("b", { use: ["unavailable"] })]], "a b"],
    [
      "uses the spare at once when the first cannot answer",
      [[backend("a", { state: "unavailable" }), backend("b", { use: ["unavailable"] })]],
      "b",
    ],
    [
      "waits for a full one and uses the spare only when that fails",
      [[backend("a", { state: "saturated" }), backend("b", { use: ["unavailable"] })]],
      "a? b!",
    ],
    [
      "spills over when the first is full",
      [[backend("a", { state: "saturated" }), backend("b", { use: ["saturated"] })]],
      "b a?",
    ],
    [
      "does not spill over when the first fails",
      [[backend("a", { state: "failed" }), backend("b", { use: ["saturated"] })]],
      "unavailable",
    ],
    ["does not spill over while the first is free", [[backend("a"), backend("b", { use: ["saturated"] })]], "a"],
    [
      "spills over when one is full and the other is gone",
      [
        [
          backend("a", { state: "saturated" }),
          backend("b", { state: "cooling" }),
          backend("c", { use: ["saturated"] }),
        ],
      ],
      "c a?",
    ],
    [
      "uses one with both conditions in both cases",
      [[backend("a", { state: "saturated" }), backend("b", { use: ["unavailable", "saturated"] })]],
      "b a?",
    ],
    [
      "does not wait for a spill-over that is not to be used",
      [
        [
          backend("a", { state: "unavailable" }),
          backend("b", { use: ["saturated"] }),
          backend("c", { use: ["unavailable"] }),
        ],
      ],
      "c",
    ],
    [
      "spills over past a spare that is not to be used",
      [
        [
          backend("a", { state: "saturated" }),
          backend("b", { use: ["unavailable"] }),
          backend("c", { use: ["saturated"] }),
        ],
      ],
      "c a? b!",
    ],
    ["goes to the fallback model after all backends", [[backend("a"), backend("b")], [backend("c")]], "a b c"],
    [
      "does not flee to the fallback model from a full one",
      [[backend("a", { state: "saturated" })], [backend("c")]],
      "a? c!",
    ],
  ])("%s", (_name, models, expected) => {
    expect(order(models)).toBe(expected);
  });

  it("sends a prompt that is too long for the first to one that has room", () => {
    const models = [[backend("small", { contextTokens: 8_000 })], [backend("large", { contextTokens: 128_000 })]];
    expect(order(models, 20_000)).toBe("large");
    expect(order(models, 8_000)).toBe("small large");
    expect(order(models, 200_000)).toBe("too-large");
    expect(order(models)).toBe("small large");
  });

  it("says the earliest time when all cool, over all models, and only of those with room", () => {
    const cooling = (id: string, coolsUntil: number, contextTokens = 8_000) =>
      backend(id, { state: "cooling", coolsUntil, contextTokens });
    const models = [[cooling("a", 5_000), cooling("b", 3_000)], [cooling("c", 4_000, 64_000)]];
    expect(plan(models)).toEqual({ kind: "cooling", until: 3_000 });
    expect(plan(models, 20_000)).toEqual({ kind: "cooling", until: 4_000 });
  });

  it("draws neighbours by weight and leaves the rest in order", () => {
    const backends = [backend("a", { weight: 3 }), backend("b", { weight: 1 }), backend("c", { use: ["unavailable"] })];
    const random = seededRandom(4);
    const firsts = { a: 0, b: 0 };
    for (let draw = 0; draw < 4_000; draw += 1) {
      const result = planBackends({ models: [backends], neededTokens: undefined, random });
      if (result.kind !== "candidates") throw new Error(result.kind);
      const ids = result.order.map((each) => each.backend.id);
      expect(ids[2]).toBe("c");
      firsts[ids[0] as "a" | "b"] += 1;
    }
    expect(firsts.a / 4_000).toBeGreaterThan(0.72);
    expect(firsts.a / 4_000).toBeLessThan(0.78);
  });

  const state = fc.constantFrom<BackendState>("free", "saturated", "cooling", "unavailable", "failed");
  const use = fc.option(fc.uniqueArray(fc.constantFrom<BackendCondition>("always", "unavailable", "saturated")), {
    nil: [],
  });
  const generated = fc
    .array(
      fc.array(fc.record({ state, use, weight: fc.integer({ min: 1, max: 9 }), coolsUntil: fc.nat(1_000) }), {
        maxLength: 6,
      }),
      { maxLength: 3 },
    )
    .map((models) => models.map((row, model) => row.map((each, index) => ({ ...each, id: `${model}.${index}` }))));

  it("never names a backend twice, nor one that cannot take the call", () => {
    fc.assert(
      fc.property(generated, fc.nat(), (models, seed) => {
        const result = plan(models, undefined, seed);
        if (result.kind !== "candidates") return;
        const ids = result.order.map((each) => each.backend.id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const each of result.order) {
          expect(each.backend.state).toBe(each.isWait ? "saturated" : "free");
        }
      }),
    );
  });

  it("with two keys, one bad, every second attempt uses the other one", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 1, max: 99 }), fc.nat(), (one, two, seed) => {
        const keys = [backend("bad", { weight: one }), backend("good", { weight: two })];
        const first = plan([keys], undefined, seed);
        if (first.kind !== "candidates") throw new Error(first.kind);
        const ids = first.order.map((each) => each.backend.id);
        expect(ids.toSorted()).toEqual(["bad", "good"]);
        const again = keys.map((each) => (each.id === "bad" ? { ...each, state: "failed" as const } : each));
        expect(order([again], undefined, seed)).toBe("good");
      }),
    );
  });

  it("uses nothing of a later model while an earlier one has a free backend in its turn", () => {
    fc.assert(
      fc.property(generated, (models) => {
        const result = plan(models);
        if (result.kind !== "candidates") return;
        const first = result.order[0];
        const earlier = models.slice(0, first?.model ?? 0).flat();
        expect(earlier.some((each) => each.state === "free" && each.use.length === 0)).toBe(false);
      }),
    );
  });
});
