import { describe, expect, it } from "vitest";
import {
  askBreaker,
  breakerFailed,
  breakerPermission,
  breakerProbeAt,
  breakerReturned,
  breakerSucceeded,
  createBreaker,
  ejectBreaker,
  enterBreaker,
  FAILING_PAUSE_MS,
  slowStartShare,
  suspectBreaker,
  unaskBreaker,
  type Breaker,
} from "./breaker.ts";
import { hearOfProbe } from "./shared-probe.ts";

const PROBE_LIMIT_MS = 60_000;
const poolOf = (size: number): [Breaker, ...Breaker[]] => [
  createBreaker(),
  ...Array.from({ length: size - 1 }, () => createBreaker()),
];
const scene = (now: number, pool: readonly Breaker[]) => ({ now, random: () => 0, pool });

describe("an ejection that others ask for", () => {
  it("takes at most half of a pool and never its last endpoint", () => {
    for (const [size, most] of [
      [1, 0],
      [2, 1],
      [3, 2],
      [5, 3],
    ] as const) {
      const pool = poolOf(size);
      const taken = pool.filter((breaker) => ejectBreaker(breaker, "stuck", scene(0, pool)) !== undefined);
      expect(taken).toHaveLength(most);
    }
  });

  it("lets a probe go after a second and doubles the pause while probes are silent", () => {
    const pool = poolOf(2);
    const [breaker] = pool;
    let now = 0;
    const pauses: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const ejection = ejectBreaker(breaker, "stuck", scene(now, pool));
      pauses.push((ejection?.until ?? 0) - now);
      expect(ejectBreaker(breaker, "stuck", scene(now, pool))).toBeUndefined();
      now = breakerProbeAt(breaker);
      enterBreaker(breaker, now, PROBE_LIMIT_MS);
    }
    expect(pauses).toEqual([1_000, 2_000, 4_000, 5_000]);
  });

  it("of a silent endpoint is refuted by any answer, of a slow one only by its probe's", () => {
    for (const [cause, isBack] of [
      ["stuck", true],
      ["slow", false],
    ] as const) {
      const pool = poolOf(2);
      const [breaker] = pool;
      const early = enterBreaker(breaker, 0, PROBE_LIMIT_MS);
      ejectBreaker(breaker, cause, scene(100, pool));
      expect(breakerSucceeded(breaker, early, 200)).toBe(isBack);
    }
  });
});

describe("a suspicion", () => {
  it("sends one request there at once, and an answer ends it as if nothing had been", () => {
    const pool = poolOf(2);
    const [breaker] = pool;
    expect(suspectBreaker(breaker, scene(5_000, pool))).toBe(true);
    expect(suspectBreaker(breaker, scene(5_000, pool))).toBe(false);
    expect(breakerPermission(breaker, 5_000)).toBe("probe");
    const probe = enterBreaker(breaker, 5_000, PROBE_LIMIT_MS);
    expect(breakerPermission(breaker, 5_001)).toBe("refuse");
    expect(breakerSucceeded(breaker, probe, 5_020)).toBe(true);
    expect([breakerPermission(breaker, 5_020), slowStartShare(breaker, 5_020)]).toEqual(["send", 1]);
  });

  it("becomes an ejection with its first pause when the probe is silent too", () => {
    const pool = poolOf(2);
    const [breaker] = pool;
    suspectBreaker(breaker, scene(0, pool));
    enterBreaker(breaker, 100, PROBE_LIMIT_MS);
    expect(ejectBreaker(breaker, "stuck", scene(1_200, pool))?.until).toBe(1_200 + FAILING_PAUSE_MS);
    expect(slowStartShare(breaker, 1_200)).toBe(1);
    const back = breakerProbeAt(breaker);
    breakerSucceeded(breaker, enterBreaker(breaker, back, PROBE_LIMIT_MS), back);
    expect(slowStartShare(breaker, back)).toBeCloseTo(0.1);
  });

  it("is not had of the last endpoint", () => {
    const pool = poolOf(1);
    expect(suspectBreaker(pool[0], scene(0, pool))).toBe(false);
  });
});

describe("an endpoint that is asked to be left alone", () => {
  it("gets nothing, whatever others find out, until it is asked no more", () => {
    const breaker = createBreaker();
    const early = enterBreaker(breaker, 0, PROBE_LIMIT_MS);
    askBreaker(breaker, 10);
    breakerSucceeded(breaker, early, 20);
    breakerReturned(breaker, 30);
    expect(breakerFailed(breaker, early, "refused", scene(30, [breaker]))).toBeUndefined();
    expect(hearOfProbe(breaker, { kind: "returned", at: 1_000 }, 1_000)).toBe("refuse");
    expect(breakerPermission(breaker, 1e12)).toBe("refuse");
    unaskBreaker(breaker, 2_000);
    expect([breakerPermission(breaker, 2_000), slowStartShare(breaker, 2_000)]).toEqual(["send", 0.1]);
  });
});
