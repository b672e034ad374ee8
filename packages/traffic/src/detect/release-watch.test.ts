import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { addRelease, createReleaseWatch, findRelease, followRelease, isUndecided } from "./release-watch.ts";
import { reportOf } from "./testing/report-of.ts";

const TICK_MS = 200;

/** A service of two instances, one report of each five times a second; requests come to either with the same chance. */
function stage(seed = 1) {
  const random = seededRandom(seed);
  const watch = createReleaseWatch("api");
  let now = 0;
  const follow = (hash: string, isRollBack = false): void => followRelease(watch, { hash, isRollBack, now });
  /** Plays seconds with the share of failures of each instance, by its hash; answers when the release was found bad. */
  const play = (seconds: number, perSecond: number, instances: readonly (readonly [string, number])[]) => {
    const from = now;
    for (; now < from + seconds * 1_000;) {
      now += TICK_MS;
      const counts = instances.map(() => ({ good: 0, bad: 0 }));
      for (let request = 0; request < perSecond / 5; request += 1) {
        const place = Math.floor(random() * instances.length);
        counts[place]![random() < instances[place]![1] ? "bad" : "good"] += 1;
      }
      for (const [place, { good, bad }] of counts.entries()) {
        const [hash] = instances[place]!;
        const outcomes = { succeeded: good, "server-error": bad };
        addRelease(watch, reportOf(`api/${place}@${hash}`, now, { outcomes }), hash);
      }
      if (findRelease(watch).length > 0) return (now - from) / 1_000;
    }
    return undefined;
  };
  follow("a");
  return { watch, follow, play, now: () => now };
}

describe("a release", () => {
  it("that took the place of the old revision within seconds and fails is found bad by what was before", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const { watch, follow, play } = stage(seed);
      play(60, 10, [
        ["a", 0.002],
        ["a", 0.002],
      ]);
      follow("b");
      play(1, 10, [
        ["b", 0],
        ["a", 0],
      ]);
      expect(
        play(60, 10, [
          ["b", 0.5],
          ["b", 0.5],
        ]),
      ).toBeLessThan(10);
      expect(findRelease(watch)[0]).toMatchObject({ class: "bad-release", subject: "api", facts: { what: "errors" } });
    }
  });

  it("is undecided from its first failure on, for five seconds at most", () => {
    const { watch, follow, play, now } = stage();
    play(60, 10, [
      ["a", 0],
      ["a", 0],
    ]);
    follow("b");
    play(1, 10, [
      ["a", 0],
      ["b", 1],
    ]);
    expect(isUndecided(watch, now())).toBe(true);
    expect(isUndecided(watch, now() + 5_000)).toBe(false);
  });

  it("is not bad when the old one beside it fails alike, nor when only one of its instances fails", () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const shared = stage(seed);
      shared.play(60, 10, [
        ["a", 0],
        ["a", 0],
      ]);
      shared.follow("b");
      expect(
        shared.play(120, 10, [
          ["a", 0.5],
          ["b", 0.5],
        ]),
      ).toBeUndefined();
      const single = stage(seed);
      single.play(60, 10, [
        ["a", 0],
        ["a", 0],
      ]);
      single.follow("b");
      single.play(4, 10, [
        ["b", 0],
        ["b", 0],
      ]);
      expect(
        single.play(120, 10, [
          ["b", 0.7],
          ["b", 0],
        ]),
      ).toBeUndefined();
    }
  });

  it("is not laid what failed before it came, what began long after it, and what is a roll-back itself", () => {
    const ill = stage();
    ill.play(60, 10, [
      ["a", 0],
      ["a", 0],
    ]);
    ill.play(20, 10, [
      ["a", 0.5],
      ["a", 0.5],
    ]);
    ill.follow("b");
    expect(
      ill.play(120, 10, [
        ["b", 0.5],
        ["b", 0.5],
      ]),
    ).toBeUndefined();
    const late = stage();
    late.play(60, 10, [
      ["a", 0],
      ["a", 0],
    ]);
    late.follow("b");
    late.play(400, 10, [
      ["b", 0],
      ["b", 0],
    ]);
    expect(
      late.play(120, 10, [
        ["b", 0.5],
        ["b", 0.5],
      ]),
    ).toBeUndefined();
    const back = stage();
    back.play(60, 10, [
      ["a", 0],
      ["a", 0],
    ]);
    back.follow("b", true);
    expect(
      back.play(60, 10, [
        ["b", 0.5],
        ["b", 0.5],
      ]),
    ).toBeUndefined();
  });

  it("is not bad because its failures come in clumps as they always did", () => {
    let found = 0;
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = seededRandom(seed);
      const watch = createReleaseWatch("api");
      let hash = "a";
      for (let now = 200; now <= 600_000; now += 200) {
        if (now > 300_000) hash = "b";
        followRelease(watch, { hash, isRollBack: false, now });
        const bad = random() < 0.005 ? 1 + Math.floor(random() * 3) : 0;
        const outcomes = { succeeded: 2, "server-error": bad };
        addRelease(watch, reportOf(`api/0@${hash}`, now, { outcomes }), hash);
        if (findRelease(watch).length > 0) {
          found += 1;
          break;
        }
      }
    }
    expect(found).toBe(0);
  });
});
