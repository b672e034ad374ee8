import { seededRandom } from "@flyball/fakes";
import { describe, expect, it } from "vitest";
import { predictWaitMs } from "./predict-drain.ts";
import { addServed, cohortOf, createShedder, isShed, setShedderPace } from "./shedder.ts";

interface Load {
  readonly keys: readonly string[];
  /** Class of a key. */
  readonly classOf: (key: string) => number;
  /** Requests per second at a time. */
  readonly rateAt: (now: number) => number;
  readonly untilMs: number;
}

interface Seen {
  readonly at: number;
  readonly key: string;
  readonly waitMs: number;
  readonly wasShed: boolean;
}

const CONCURRENCY = 10;
const SERVICE_MS = 100;
const TARGET_MS = 200;

/** A server that does 100 requests a second, behind a queue. */
function run({ keys, classOf, rateAt, untilMs }: Load): { seen: Seen[]; served: { at: number; waitedMs: number }[] } {
  const random = seededRandom(6);
  const shedder = createShedder(3, TARGET_MS, 0);
  const queue: number[] = [];
  const seen: Seen[] = [];
  const served: { at: number; waitedMs: number }[] = [];
  let due = 0;
  let credit = 0;
  for (let now = 0; now < untilMs; now += 1) {
    for (due += rateAt(now) / 1_000; due >= 1; due -= 1) {
      const key = keys[Math.floor(random() * keys.length)] as string;
      const waitMs = predictWaitMs({ queued: queue.length, serviceMs: SERVICE_MS, concurrency: CONCURRENCY });
      const wasShed = isShed(shedder, { class: classOf(key), cohort: cohortOf(key), waitMs }, now, random);
      seen.push({ at: now, key, waitMs, wasShed });
      if (!wasShed) queue.push(now);
    }
    credit = Math.min(CONCURRENCY, credit + CONCURRENCY / SERVICE_MS);
    for (; credit >= 1 && queue.length > 0; credit -= 1) {
      served.push({ at: now, waitedMs: now - (queue.shift() as number) });
      addServed(shedder);
    }
  }
  return { seen, served };
}

const KEYS = Array.from({ length: 200 }, (_, index) => `key-${index}`);
const burst = (rate: number) => (now: number) => (now >= 2_000 && now < 12_000 ? rate : 50);

describe("the shedder", () => {
  it("refuses nothing below capacity", () => {
    const { seen } = run({ keys: KEYS, classOf: () => 0, rateAt: () => 90, untilMs: 20_000 });
    expect(seen.filter(({ wasShed }) => wasShed).length / seen.length).toBeLessThan(0.02);
  });

  it("serves at full capacity with short waits a second after ten times the load began, and all of it two seconds after", () => {
    const { seen, served } = run({ keys: KEYS, classOf: () => 0, rateAt: burst(1_000), untilMs: 20_000 });
    const during = served.filter(({ at }) => at >= 3_500 && at < 12_000);
    expect(during.length / 8.5).toBeGreaterThan(90);
    const waits = during.map(({ waitedMs }) => waitedMs).toSorted((a, b) => a - b);
    expect(waits[Math.floor(waits.length / 2)]).toBeLessThan(TARGET_MS * 3);
    const after = seen.filter(({ at }) => at >= 14_000);
    expect(after.filter(({ wasShed }) => wasShed)).toEqual([]);
  });

  it("lets higher classes in while lower ones are refused", () => {
    const classOf = (key: string) => Number(key.slice(4)) % 3;
    const { seen } = run({ keys: KEYS, classOf, rateAt: burst(200), untilMs: 12_000 });
    const during = seen.filter(({ at }) => at >= 4_000);
    const refusedIn = (wanted: number) => {
      const some = during.filter(({ key }) => classOf(key) === wanted);
      return some.filter(({ wasShed }) => wasShed).length / some.length;
    };
    expect(refusedIn(0)).toBeGreaterThan(0.9);
    expect(refusedIn(2)).toBeLessThan(0.02);
  });

  it("refuses the same keys all the time and serves the others", () => {
    const { seen } = run({ keys: KEYS, classOf: () => 0, rateAt: burst(200), untilMs: 12_000 });
    const shares = KEYS.map((key) => {
      const some = seen.filter((each) => each.key === key && each.at >= 5_000);
      return some.filter(({ wasShed }) => wasShed).length / Math.max(1, some.length);
    });
    const clear = shares.filter((share) => share < 0.1 || share > 0.9).length;
    expect(clear / KEYS.length).toBeGreaterThan(0.75);
  });

  it("refuses the right share when one key makes all the load", () => {
    const { seen, served } = run({ keys: ["only"], classOf: () => 0, rateAt: burst(200), untilMs: 12_000 });
    const during = seen.filter(({ at }) => at >= 5_000);
    const share = during.filter(({ wasShed }) => wasShed).length / during.length;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
    expect(served.filter(({ at }) => at >= 5_000).length / 7).toBeGreaterThan(90);
  });

  it("forgets an overload after which nobody came", () => {
    const shedder = createShedder(3, TARGET_MS, 0);
    const ask = (now: number) => isShed(shedder, { class: 0, cohort: 0, waitMs: 5_000 }, now, () => 0.5);
    for (let now = 0; now < 5_000; now += 1) ask(now);
    expect(shedder.share).toBeGreaterThan(0.5);
    expect(ask(60_000)).toBe(false);
    expect(shedder.share).toBeLessThan(0.5);
  });

  it("refuses nobody before the queue has stood for as long as it is patient, nor while one is worked off", () => {
    const shedder = createShedder(1, TARGET_MS, 0);
    shedder.patienceMs = 700;
    const refusedAt: number[] = [];
    const ask = (now: number, waitMs: number): void => {
      if (isShed(shedder, { class: 0, cohort: 0, waitMs }, now, () => 0)) refusedAt.push(now);
    };
    // Ten come for each that is served; a moment without a queue begins it anew.
    for (let now = 0; now < 2_000; now += 1) {
      ask(now, now === 500 ? 0 : 1_000);
      if (now % 10 === 0) addServed(shedder);
    }
    expect(refusedAt[0]).toBeGreaterThanOrEqual(1_200);
    expect(refusedAt[0]).toBeLessThan(1_300);
    // One comes for each that is served: the queue is long, and gets no longer.
    const patient = createShedder(1, TARGET_MS, 0);
    for (let now = 0; now < 5_000; now += 10) {
      addServed(patient);
      expect(isShed(patient, { class: 0, cohort: 0, waitMs: 1_000 }, now, () => 0)).toBe(false);
    }
  });

  it("is patient by time, however seldom anybody asks where serving is slow", () => {
    const shedder = createShedder(1, 1_000, 0);
    shedder.patienceMs = 700;
    // One a second is served, and two come.
    setShedderPace(shedder, 1_000, 1);
    let refusedCount = 0;
    for (let now = 0; now < 200_000; now += 500) {
      if (isShed(shedder, { class: 0, cohort: 0, waitMs: 5_000 }, now, () => 0.3)) refusedCount += 1;
      else if (now % 1_000 === 0) addServed(shedder);
    }
    expect(refusedCount).toBeGreaterThan(100);
  });

  it("counts slow requests over a time in which some of them are served", () => {
    const shedder = createShedder(1, TARGET_MS, 0);
    setShedderPace(shedder, 10_000, 20);
    expect(shedder.memoryMs).toBe(10_000);
    setShedderPace(shedder, 10, 20);
    expect(shedder.memoryMs).toBe(500);
  });

  it("spreads keys over all cohorts", () => {
    const counts = new Map<number, number>();
    for (let index = 0; index < 16_000; index += 1) {
      const cohort = cohortOf(`key-${index}`);
      counts.set(cohort, (counts.get(cohort) ?? 0) + 1);
    }
    expect(counts.size).toBe(16);
    expect(Math.min(...counts.values())).toBeGreaterThan(800);
    expect(Math.max(...counts.values())).toBeLessThan(1_200);
  });
});
