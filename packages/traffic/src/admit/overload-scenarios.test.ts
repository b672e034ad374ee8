// What the gate of a pool makes of loads: steps, bursts, the rhythm of days, longer prompts. In fake time, five seeds each. The numbers that
// docs/decisions/0010 names are annotations: `npx vitest run --project unit packages/traffic/src/admit/overload-scenarios.test.ts
// --reporter=verbose` shows them.
import { seededRandom } from "@flyball/fakes";
import type { Random } from "@flyball/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  simulatePool,
  type SimulatedPool,
  type SimulatedRequest,
  type SimulatedWork,
} from "./testdata/simulate-pool.ts";

const SEEDS = [1, 2, 3, 4, 5];
/** Until then the load is what it usually is. */
const USUAL_MS = 20_000;
const MAXIMUM = 256;

type Scene = Omit<SimulatedPool, "random" | "watch">;
type Work = Scene["workAt"];

/** A timer: as long for everybody. */
const always =
  (serviceMs: number): Work =>
  () => ({ serviceMs });
const logNormal =
  (middleMs: number, sigma: number): Work =>
  (_now, random) => ({ serviceMs: middleMs * Math.exp(sigma * normal(random)) });
const stream =
  (firstMs: number, serviceMs: number): Work =>
  () => ({ firstMs, serviceMs });

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** `times` the usual rate for so long, after the usual one. */
const surge = (usual: number, times: number, lengthMs: number) => (now: number) =>
  now >= USUAL_MS && now < USUAL_MS + lengthMs ? usual * times : usual;

const surgeTo = (perSecond: number): Pick<Scene, "rateAt" | "untilMs"> => ({
  rateAt: (now) => (now < USUAL_MS ? 2 : perSecond),
  untilMs: USUAL_MS + 120_000,
});

interface Seen {
  readonly requests: readonly SimulatedRequest[];
  readonly limits: readonly (readonly [at: number, limit: number])[];
}

function run(scene: Scene, seed: number): Seen {
  const limits: (readonly [number, number])[] = [];
  let last = MAXIMUM;
  const requests = simulatePool({
    ...scene,
    random: seededRandom(seed),
    watch(now, { limit }) {
      if (limit !== last) limits.push([now, limit]);
      last = limit;
    },
  });
  return { requests, limits };
}

const refused = ({ requests }: Seen): number => requests.filter(({ refusal }) => refusal !== undefined).length;

function mean(values: readonly number[]): number {
  return Math.round((values.reduce((sum, value) => sum + value, 0) / values.length) * 10) / 10;
}

describe("ten times the load on a pool whose upstream is a timer", () => {
  const loads: readonly (readonly [string, { places: number; rate: number; work: Work; perSecond: number }])[] = [
    ["8 places of 100 ms, half used before", { places: 8, rate: 40, work: always(100), perSecond: 80 }],
    ["8 places of 100 ms, three quarters used before", { places: 8, rate: 60, work: always(100), perSecond: 80 }],
    ["32 places of 100 ms", { places: 32, rate: 160, work: always(100), perSecond: 320 }],
    ["16 places of 80 ms and a spread of 0.7", { places: 16, rate: 80, work: logNormal(80, 0.7), perSecond: 157 }],
    ["8 places, streams of 100 ms", { places: 8, rate: 40, work: stream(95, 100), perSecond: 80 }],
  ];

  it.for(loads)(
    "is known within a second, and the pool goes on at its best: %s",
    async ([, load], { annotate: report }) => {
      const { places, rate, work, perSecond } = load;
      const lengthMs = 20_000;
      const scene = { places, rateAt: surge(rate, 10, lengthMs), workAt: work, untilMs: USUAL_MS + lengthMs };
      const known: number[] = [];
      const goodput: number[] = [];
      for (const seed of SEEDS) {
        const { requests, limits } = run(scene, seed);
        const at = limits.find(([when, limit]) => when >= USUAL_MS && limit <= places * 2)?.[0] ?? Infinity;
        known.push(Math.round(at - USUAL_MS));
        const good = requests.filter(({ at: came, tookMs = Infinity }) => {
          return came >= USUAL_MS + 2_000 && came < USUAL_MS + lengthMs && tookMs <= 1_000;
        });
        goodput.push(good.length / (lengthMs / 1_000 - 2));
      }
      await report(`known after ${known.join(", ")} ms; ${mean(goodput)} of ${perSecond} a second within a second`);
      expect(Math.max(...known)).toBeLessThanOrEqual(1_000);
      expect(mean(goodput)).toBeGreaterThan(perSecond * 0.9);
    },
  );
});

describe("twice the load on a pool that serves slowly", () => {
  const loads: readonly (readonly [string, Scene, perSecond: number])[] = [
    ["64 places, streams of 5 s", { places: 64, ...surgeTo(25), workAt: stream(200, 5_000) }, 12.8],
    ["16 places of 2 s", { places: 16, ...surgeTo(16), workAt: always(2_000) }, 8],
  ];

  it.for(loads)("leaves it busy: %s", async ([, scene, perSecond], { annotate: report }) => {
    const answered = SEEDS.map((seed) => {
      const served = run(scene, seed).requests.filter(({ at, tookMs }) => at >= USUAL_MS && tookMs !== undefined);
      return (served.length * 1_000) / (scene.untilMs - USUAL_MS);
    });
    await report(`${answered.map((each) => each.toFixed(1)).join(", ")} of ${perSecond} a second`);
    expect(mean(answered)).toBeGreaterThan(perSecond * 0.85);
  });
});

describe("ten times the load for a moment", () => {
  it.for([200, 500, 900])(
    "refuses nobody who could be served within two seconds, when it lasts %i ms",
    async (lengthMs, { annotate: report }) => {
      const counts = SEEDS.map((seed) =>
        run({ places: 8, rateAt: surge(40, 10, lengthMs), workAt: always(100), untilMs: 40_000 }, seed),
      ).map(refused);
      const came = (400 * lengthMs) / 1_000;
      const tooMany = Math.max(0, came - (80 * (lengthMs + 2_000)) / 1_000);
      await report(`refused ${counts.join(", ")} of ${came} that came in it`);
      // What comes is chance.
      for (const count of counts) expect(count).toBeLessThanOrEqual(tooMany + 3 * Math.sqrt(came));
    },
  );

  const bursts: readonly (readonly [string, Omit<Scene, "untilMs">, most: number])[] = [
    ["64 places, 100 a second before, 0.9 s", { places: 64, rateAt: surge(100, 10, 900), workAt: always(100) }, 30],
    ["200 places, 100 a second before, 0.9 s", { places: 200, rateAt: surge(100, 10, 900), workAt: always(100) }, 0],
    [
      "32 places and a spread of 0.7, 0.3 s of twenty times the load each five seconds",
      { places: 32, rateAt: (now: number) => (now % 5_000 < 300 ? 800 : 40), workAt: logNormal(80, 0.7) },
      30,
    ],
  ];

  it.for(bursts)(
    "refuses hardly anybody of a pool that can work it off: %s",
    async ([, scene, most], { annotate: report }) => {
      const counts = SEEDS.map((seed) => run({ ...scene, untilMs: 60_000 }, seed)).map(refused);
      await report(`refused ${counts.join(", ")}`);
      expect(Math.max(...counts)).toBeLessThanOrEqual(most);
    },
  );
});

describe("a load that is below what the pool can do", () => {
  const day = (middle: number, swing: number) => (now: number) =>
    middle * (1 - swing * Math.cos((2 * Math.PI * now) / 300_000));

  const days: readonly (readonly [string, Omit<Scene, "untilMs">])[] = [
    ["10 to 90 of 100, a timer", { places: 16, rateAt: day(80, 0.8), workAt: always(100) }],
    ["12 to 80 of 100, a spread of 1", { places: 32, rateAt: day(110, 0.76), workAt: logNormal(80, 1) }],
  ];

  it.for(days)("is let in through two days of five minutes: %s", async ([, scene], { annotate: report }) => {
    const shares = SEEDS.map((seed) => run({ ...scene, untilMs: 600_000 }, seed)).map(
      (seen) => refused(seen) / seen.requests.length,
    );
    await report(`refused ${shares.map((share) => `${(share * 100).toFixed(2)} %`).join(", ")}`);
    expect(Math.max(...shares)).toBeLessThan(0.001);
  });

  it("is let in, however its service times are spread", () => {
    const pools = fc.record({
      places: fc.integer({ min: 16, max: 128 }),
      middleMs: fc.integer({ min: 20, max: 400 }),
      sigma: fc.double({ min: 0, max: 1.2, noNaN: true }),
      used: fc.double({ min: 0.05, max: 0.5, noNaN: true }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(pools, ({ places, middleMs, sigma, used, seed }) => {
        const perSecond = (places * used * 1_000) / (middleMs * Math.exp((sigma * sigma) / 2));
        const scene = { places, rateAt: () => perSecond, workAt: logNormal(middleMs, sigma), untilMs: 20_000 };
        const seen = run(scene, seed);
        expect(refused(seen)).toBeLessThanOrEqual(seen.requests.length / 200);
      }),
      { numRuns: 40 },
    );
  });
});

describe("prompts that get longer and stay so", () => {
  const SHIFT_MS = 60_000;
  const spread = (random: Random): number => 0.8 + 0.4 * random();
  const grow = (now: number, times: number): number => (now > SHIFT_MS ? times : 1);

  const shifts: readonly (readonly [string, Scene])[] = [
    [
      "whole answers, four times",
      {
        places: 64,
        rateAt: () => 100,
        workAt: (now, random) => ({
          serviceMs: 100 * grow(now, 4) * spread(random),
          promptTokens: 1_000 * grow(now, 4),
        }),
        untilMs: 300_000,
      },
    ],
    [
      "streams, four times",
      {
        places: 256,
        rateAt: () => 100,
        workAt(now, random): SimulatedWork {
          const firstMs = 300 * grow(now, 4) * spread(random);
          return { firstMs, serviceMs: firstMs + 200, promptTokens: 1_000 * grow(now, 4) };
        },
        untilMs: 300_000,
      },
    ],
    [
      "prompts of all lengths, ten times",
      {
        places: 128,
        rateAt: () => 100,
        workAt(now, random): SimulatedWork {
          const promptTokens = 200 * Math.exp(normal(random)) * grow(now, 10);
          return { serviceMs: 20 + 0.3 * promptTokens, promptTokens };
        },
        untilMs: 300_000,
      },
    ],
  ];

  it.for(shifts)("are no queue: %s", async ([, scene], { annotate: report }) => {
    const counts = SEEDS.map((seed) => run(scene, seed)).map(refused);
    await report(`refused ${counts.join(", ")} of about ${(scene.rateAt(0) * scene.untilMs) / 1_000}`);
    expect(counts).toEqual(SEEDS.map(() => 0));
  });

  it("are one all the same when they are more than the pool can do", async ({ annotate: report }) => {
    const scene: Scene = {
      places: 32,
      rateAt: () => 150,
      workAt: (now, random) => ({ serviceMs: 100 * grow(now, 4) * spread(random), promptTokens: 1_000 * grow(now, 4) }),
      untilMs: 120_000,
    };
    const known = SEEDS.map((seed) => {
      const { limits } = run(scene, seed);
      return Math.round((limits.find(([at, limit]) => at >= SHIFT_MS && limit <= 64)?.[0] ?? Infinity) - SHIFT_MS);
    });
    await report(`known after ${known.join(", ")} ms`);
    expect(Math.max(...known)).toBeLessThan(10_000);
  });
});
