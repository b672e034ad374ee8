import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { addSlowness, createSlowPeers, findSlow } from "./slow-peer.ts";
import { reportOf } from "./testing/report-of.ts";

interface Scene {
  /** What a first token usually takes; 200 unless given. */
  readonly usualMs?: number;
  readonly endpoints: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly seed: number;
  readonly spread?: number;
  readonly streams?: boolean;
  /** How many times as long as usual, for an endpoint at a time in seconds. */
  readonly factorOf: (endpoint: number, second: number) => number;
}

const gaussian = (random: () => number) => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** Plays requests and answers with the first finding of each subject and its second. */
function play({
  endpoints,
  perSecond,
  seconds,
  seed,
  spread = 0.8,
  streams = false,
  usualMs = 200,
  factorOf,
}: Scene): Map<string, number> {
  const random = seededRandom(seed);
  const table = createSlowPeers();
  const found = new Map<string, number>();
  const due: { at: number; endpoint: number; ms: number }[] = [];
  for (let now = 200; now <= seconds * 1_000; now += 200) {
    for (let endpoint = 0; endpoint < endpoints; endpoint += 1) {
      if (random() < perSecond / endpoints / 5) {
        const ms = usualMs * Math.exp(spread * gaussian(random)) * factorOf(endpoint, now / 1_000);
        due.push({ at: now + ms, endpoint, ms });
      }
      const ended = due.filter((each) => each.endpoint === endpoint && each.at <= now);
      for (const each of ended) due.splice(due.indexOf(each), 1);
      const sumMs = ended.reduce((sum, { ms }) => sum + ms, 0);
      const first = { count: ended.length, sumMs, maxMs: sumMs };
      const gapMs = 30 * (1 + random()) * factorOf(endpoint, now / 1_000);
      const evidence = reportOf(`a/${endpoint}`, now, {
        outcomes: { succeeded: ended.length },
        inFlight: 1,
        latencySumMs: sumMs,
        ...(ended.length > 0 ? { firstToken: first } : {}),
        ...(streams ? { gap: { count: 5, sumMs: 5 * gapMs, maxMs: gapMs } } : {}),
      });
      addSlowness(table, evidence);
    }
    for (const { subject } of findSlow(table, now)) if (!found.has(subject)) found.set(subject, now / 1_000);
  }
  return found;
}

const SEEDS = Array.from({ length: 30 }, (_, seed) => seed + 1);

describe("a slow endpoint", () => {
  it("is none while the difference is a few milliseconds, however many times it is", () => {
    const scene = { endpoints: 2, perSecond: 10, seconds: 120, spread: 0.4, usualMs: 4 };
    const factorOf = (endpoint: number, second: number) => (endpoint === 0 && second > 60 ? 8 : 1);
    for (const seed of SEEDS) expect([...play({ ...scene, seed, factorOf })]).toEqual([]);
    const found = play({ ...scene, usualMs: 40, seed: 1, factorOf });
    expect([...found.keys()]).toEqual(["a/0"]);
  });

  it("that began a few seconds ago is found too, a little later", () => {
    const factorOf = (endpoint: number, second: number) => (endpoint === 0 && second > 6 ? 20 : 1);
    for (const seed of SEEDS) {
      const found = play({ endpoints: 2, perSecond: 10, seconds: 30, spread: 0.5, usualMs: 10, seed, factorOf });
      expect([...found.keys()]).toEqual(["a/0"]);
      expect(found.get("a/0")).toBeLessThan(6 + 11);
    }
  });

  it.each([2, 3, 4])(
    "ten times slower is found within ten seconds at two requests a second each (pool of %i)",
    (endpoints) => {
      const times = SEEDS.map((seed) => {
        const factorOf = (endpoint: number, second: number) => (endpoint === 0 && second > 300 ? 10 : 1);
        const found = play({ endpoints, perSecond: 2 * endpoints, seconds: 330, seed, factorOf });
        expect([...found.keys()]).toEqual(["a/0"]);
        return (found.get("a/0") ?? Number.POSITIVE_INFINITY) - 300;
      });
      const sorted = times.toSorted((a, b) => a - b);
      expect(sorted[Math.floor(sorted.length * 0.9)]).toBeLessThanOrEqual(10);
    },
  );

  it("is the pool's matter when all are slow at once", () => {
    for (const seed of SEEDS) {
      const found = play({
        endpoints: 3,
        perSecond: 6,
        seconds: 360,
        seed,
        factorOf: (_, second) => (second > 300 ? 10 : 1),
      });
      expect([...found.keys()]).toEqual(["a"]);
    }
  });

  it("is found by its own history when it is the only one", () => {
    const factorOf = (_: number, second: number) => (second > 300 ? 10 : 1);
    for (const streams of [false, true]) {
      const found = play({ endpoints: 1, perSecond: 3, seconds: 400, seed: 5, streams, factorOf });
      expect(found.get("a/0")).toBeGreaterThan(315);
      expect(found.get("a/0")).toBeLessThan(345);
    }
  });

  it("is none where one of a mixed pool was always slower", () => {
    const found = play({
      endpoints: 3,
      perSecond: 9,
      seconds: 600,
      seed: 8,
      factorOf: (endpoint) => (endpoint === 0 ? 12 : 1),
    });
    expect([...found.keys()]).toEqual([]);
  });

  it("is none after a pause of two seconds, nor while all become slower by and by", () => {
    const paused = (endpoint: number, second: number) => (endpoint === 0 && second % 100 < 2 ? 10 : 1);
    expect([...play({ endpoints: 2, perSecond: 20, seconds: 900, seed: 4, factorOf: paused }).keys()]).toEqual([]);
    const drifting = (_: number, second: number) => 1 + second / 600;
    expect([...play({ endpoints: 3, perSecond: 9, seconds: 1_800, seed: 4, factorOf: drifting }).keys()]).toEqual([]);
  });

  it("is none when times spread widely: six hours of three endpoints", () => {
    for (const spread of [0.5, 1, 1.5]) {
      const found = play({ endpoints: 3, perSecond: 6, seconds: 7_200, seed: 6, spread, factorOf: () => 1 });
      expect([...found.keys()]).toEqual([]);
    }
  });
});
