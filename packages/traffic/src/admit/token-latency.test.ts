import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { createTokenLatency, explain, levelOf, type TokenLatency } from "./token-latency.ts";

const random = seededRandom(8);

function teach(tokens: TokenLatency, count: number, sizeOf: () => number, msOf: (size: number) => number): void {
  for (let each = 0; each < count; each += 1) {
    const promptTokens = sizeOf();
    explain(tokens, { latencyMs: msOf(promptTokens), promptTokens, inFlight: 1 }, true);
  }
}

/** How much slower a latency is than another one, tokens apart. */
function slower(tokens: TokenLatency, [ms, size]: readonly number[], [otherMs, otherSize]: readonly number[]): number {
  const seen = (latencyMs = 0, promptTokens = 0) => {
    return { latency: Math.log(latencyMs), prompt: Math.log1p(promptTokens), output: 0 };
  };
  return Math.exp(levelOf(tokens, seen(ms, size)) - levelOf(tokens, seen(otherMs, otherSize)));
}

describe("what tokens make of a latency", () => {
  it("is told apart from what is slow, once prompts of several lengths were seen", () => {
    const tokens = createTokenLatency();
    teach(
      tokens,
      400,
      () => 100 + 900 * random(),
      (size) => (50 + 0.2 * size) * (0.9 + 0.2 * random()),
    );
    expect(slower(tokens, [850, 4_000], [150, 500])).toBeCloseTo(1, 0);
    expect(slower(tokens, [1_700, 4_000], [150, 500])).toBeGreaterThan(1.7);
    expect(slower(tokens, [300, 500], [150, 500])).toBeCloseTo(2);
  });

  it("is most of it before there is more to go by, so that longer prompts are no queue", () => {
    const tokens = createTokenLatency();
    teach(
      tokens,
      200,
      () => 1_000,
      () => 100,
    );
    const ratio = slower(tokens, [400, 4_000], [100, 1_000]);
    expect(ratio).toBeLessThan(1.25);
    expect(ratio).toBeGreaterThan(0.8);
  });

  it("is nothing where no tokens are known", () => {
    const tokens = createTokenLatency();
    expect(explain(tokens, { latencyMs: 100, inFlight: 1 }, true)).toEqual({ prompt: 0, output: 0, expected: 0 });
    expect(levelOf(tokens, { latency: 3, prompt: 0, output: 0 })).toBe(3);
    expect(levelOf(tokens, undefined)).toBe(Number.POSITIVE_INFINITY);
  });

  it("is that of usual ones for a request of which none are known among others", () => {
    const tokens = createTokenLatency();
    teach(
      tokens,
      200,
      () => 1_000,
      () => 100,
    );
    const { prompt, expected } = explain(tokens, { latencyMs: 100, inFlight: 1 }, true);
    expect(Math.expm1(prompt)).toBeCloseTo(1_000);
    expect(Math.exp(expected)).toBeCloseTo(100, 0);
  });

  it("is known of a prompt that need not be read at all", () => {
    const tokens = createTokenLatency();
    explain(tokens, { latencyMs: 20, promptTokens: 0, inFlight: 1 }, true);
    const { prompt, expected } = explain(tokens, { latencyMs: 20, promptTokens: 0, inFlight: 1 }, true);
    expect(prompt).toBe(0);
    expect(Number.isFinite(expected)).toBe(true);
  });

  it("is not learned from a queue", () => {
    const tokens = createTokenLatency();
    const sample = { promptTokens: 1_000, inFlight: 1 };
    explain(tokens, { ...sample, latencyMs: 100 }, true);
    const before = tokens.fit?.coefficients;
    for (let each = 0; each < 100; each += 1) explain(tokens, { ...sample, latencyMs: 900 }, false);
    expect(tokens.fit?.coefficients).toEqual(before);
  });
});
