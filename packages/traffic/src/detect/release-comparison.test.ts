import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { addReleaseReport, createReleaseComparison, findBadRelease } from "./release-comparison.ts";
import { reportOf } from "./testing/report-of.ts";

interface Scene {
  readonly perSecond: number;
  /** Share of the requests that the new revision gets. */
  readonly share: number;
  readonly seconds: number;
  readonly seed: number;
  readonly newRate?: number;
  readonly oldRate?: number;
  readonly newFlaws?: number;
  readonly newMs?: number;
}

/** Seconds until the verdict and its finding. */
function play(scene: Scene) {
  const { perSecond, share, seconds, seed, newRate = 0, oldRate = 0, newFlaws = 0, newMs = 200 } = scene;
  const random = seededRandom(seed);
  const release = createReleaseComparison("a", 0);
  const drawn = (count: number, rate: number) =>
    Array.from({ length: count }, random).filter((each) => each < rate).length;
  for (let now = 200; now <= seconds * 1_000; now += 200) {
    const counts = [0, 0];
    for (let request = 0; request < perSecond / 5; request += 1) {
      if (random() < perSecond / 5 - request) counts[random() < share ? 0 : 1]! += 1;
    }
    for (const [side, count] of counts.entries()) {
      const bad = drawn(count, side === 0 ? newRate : oldRate);
      const good = count - bad;
      const firstToken = { count: good, sumMs: good * (side === 0 ? newMs : 200) * (0.5 + random()), maxMs: 0 };
      const flaws = { loop: drawn(good, side === 0 ? newFlaws : 0) };
      const outcomes = { succeeded: good, "server-error": bad };
      addReleaseReport(release, reportOf(`a/${side}`, now, { outcomes, firstToken, judged: good, flaws }), side === 0);
    }
    const [finding] = findBadRelease(release);
    if (finding !== undefined) return { seconds: now / 1_000, finding };
  }
  return undefined;
}

const SEEDS = Array.from({ length: 40 }, (_, seed) => seed + 1);

describe("a new revision beside the old one", () => {
  it.each([
    [0.5, 0.5, 10],
    [0.5, 0.2, 20],
    [0.2, 0.5, 25],
    [0.05, 0.5, 130],
  ])(
    "that fails %d of its requests is found out at ten requests a second and a share of %d within %d s",
    (newRate, share, bound) => {
      const times = SEEDS.map((seed) => play({ perSecond: 10, share, seconds: 300, seed, newRate })?.seconds ?? 300);
      expect(times.toSorted((a, b) => a - b)[Math.floor(SEEDS.length * 0.9)]).toBeLessThanOrEqual(bound);
    },
  );

  it("says in what it is worse", () => {
    const scene = { perSecond: 10, share: 0.5, seconds: 300, seed: 3 };
    expect(play({ ...scene, newRate: 0.5 })?.finding).toMatchObject({
      class: "bad-release",
      subject: "a",
      facts: { what: "errors" },
    });
    expect(play({ ...scene, newFlaws: 0.4 })?.finding.facts).toMatchObject({ what: "flaws" });
    expect(play({ ...scene, newMs: 2_000 })?.finding.facts).toMatchObject({ what: "first-token" });
  });

  it.each([0, 0.02, 0.1, 0.5])("that fails as often as the old one (%d) is not worse, for an hour", (rate) => {
    for (const seed of SEEDS.slice(0, 4)) {
      expect(play({ perSecond: 20, share: 0.2, seconds: 3_600, seed, newRate: rate, oldRate: rate })).toBeUndefined();
    }
  });

  it("is not worse because it is half again as slow", () => {
    expect(play({ perSecond: 20, share: 0.5, seconds: 1_800, seed: 4, newMs: 300 })).toBeUndefined();
  });
});
