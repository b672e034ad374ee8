import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { addOutput, createBadOutput, findBadOutput } from "./bad-output.ts";
import { reportOf } from "./testing/report-of.ts";

/** Plays answers of some endpoints, two a second each, and gives the last findings with the second of the first. */
function play(seconds: number, flawRateOf: (endpoint: number, second: number) => number, seed = 1, endpoints = 3) {
  const random = seededRandom(seed);
  const table = createBadOutput();
  let firstAt: number | undefined;
  for (let second = 1; second <= seconds; second += 1) {
    for (let endpoint = 0; endpoint < endpoints; endpoint += 1) {
      const flawed = [random(), random()].filter((each) => each < flawRateOf(endpoint, second)).length;
      addOutput(table, reportOf(`a/${endpoint}`, second * 1_000, { judged: 2, flaws: { language: flawed } }));
    }
    if (firstAt === undefined && findBadOutput(table, second * 1_000).length > 0) firstAt = second;
  }
  return { firstAt, findings: findBadOutput(table, seconds * 1_000) };
}

describe("bad output", () => {
  it("of one endpoint is found within ten minutes, of one in six answers as well as of all", () => {
    for (const rate of [0.16, 0.5, 1]) {
      const { firstAt, findings } = play(900, (endpoint, second) => (endpoint === 0 && second > 300 ? rate : 0.01));
      expect(findings).toMatchObject([{ class: "bad-output", subject: "a/0" }]);
      expect(findings[0]?.facts["language"]).toBeGreaterThanOrEqual(8);
      expect(firstAt).toBeGreaterThan(315);
      expect(firstAt).toBeLessThan(600);
    }
  });

  it("of all endpoints is the pool's", () => {
    const { findings } = play(600, (_, second) => (second > 300 ? 0.5 : 0.01));
    expect(findings).toMatchObject([{ subject: "a" }]);
  });

  it("is over after twenty good answers", () => {
    const rateOf = (endpoint: number, second: number) => (endpoint === 0 && second > 300 && second < 400 ? 1 : 0);
    expect(play(399, rateOf).findings).toHaveLength(1);
    expect(play(420, rateOf).findings).toEqual([]);
  });

  it("is none at a steady rate of one flaw in a hundred, nor by one strange client", () => {
    for (let seed = 1; seed <= 3; seed += 1) expect(play(10_000, () => 0.01, seed).firstAt).toBeUndefined();
    const strange = (endpoint: number, second: number) => (endpoint === 0 && second % 600 < 10 ? 1 : 0);
    expect(play(3_000, strange).firstAt).toBeUndefined();
  });
});
