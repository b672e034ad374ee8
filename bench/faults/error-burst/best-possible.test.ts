import { seededRandom } from "@flyball/fakes";
import { expect, it } from "vitest";
import { bestPossible } from "./best-possible.ts";

it("needs no more than Lorden's bound and is what the test itself does when it is played", () => {
  for (const [base, burst] of [
    [0.01, 0.5],
    [0.05, 0.5],
    [0.05, 0.2],
  ] as const) {
    const { threshold, mean, p95 } = bestPossible(base, burst, 1e6);
    const divergence = burst * Math.log(burst / base) + (1 - burst) * Math.log((1 - burst) / (1 - base));
    expect(mean).toBeLessThan(Math.log(1e6) / divergence);
    expect(mean).toBeGreaterThan(0.7 * (Math.log(1e6) / divergence));
    const random = seededRandom(1);
    const counts = Array.from({ length: 4_000 }, () => {
      let odds = 0;
      let requests = 0;
      for (; odds < threshold; requests += 1) {
        const step = random() < burst ? Math.log(burst / base) : Math.log((1 - burst) / (1 - base));
        odds = Math.max(0, odds + step);
      }
      return requests;
    }).toSorted((a, b) => a - b);
    const played = counts.reduce((sum, count) => sum + count, 0) / counts.length;
    expect(Math.abs(played / mean - 1)).toBeLessThan(0.05);
    expect(Math.abs(counts[3_800]! - p95)).toBeLessThanOrEqual(2 + p95 / 20);
  }
});
