import { describe, expect, it } from "vitest";
import { keepWarm, type AffinityOptions, type WarmCandidate } from "./affinity-filter.ts";

const INPUT = 1_000;
const ONCE: AffinityOptions = { matchShare: 0.8, releaseRatio: 1, waitRatio: 1 };

/** Names of those that are kept, of candidates that know so many tokens and whose prompts wait so long. */
function kept(
  pool: Readonly<Record<string, readonly [cached: number, waitMs: number]>>,
  options: AffinityOptions = ONCE,
): string {
  const candidates: (WarmCandidate & { name: string })[] = Object.entries(pool).map(([name, [cached, waitMs]]) => ({
    name,
    uncachedTokens: INPUT - cached,
    prefillWaitMs: waitMs,
  }));
  keepWarm(candidates, INPUT, 0.1, options);
  return candidates.map(({ name }) => name).join("");
}

describe("the affinity filter", () => {
  it("leaves all when nobody knows anything of the prompt", () => {
    expect(kept({ a: [0, 0], b: [0, 50] })).toBe("ab");
  });

  it("keeps those that know at least 0.8 of what the best one knows", () => {
    expect(kept({ a: [800, 0], b: [640, 0], c: [639, 0], d: [0, 0] })).toBe("ab");
  });

  it("lets them go when their prompts wait longer than they save", () => {
    expect(kept({ a: [800, 79], b: [0, 0] })).toBe("a");
    expect(kept({ a: [800, 81], b: [0, 0] })).toBe("ab");
  });

  it("counts the wait of the least busy one of them", () => {
    expect(kept({ a: [800, 500], b: [800, 20], c: [0, 0] })).toBe("ab");
  });

  it("holds them longer where it is told to", () => {
    expect(kept({ a: [800, 150], b: [0, 0] }, { ...ONCE, releaseRatio: 2 })).toBe("a");
  });
});
