import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareSettings } from "./compare-settings.ts";
import { searchSettings, type SearchPoint } from "./search-settings.ts";

const axes = [
  { name: "x", values: [1, 2, 4, 8, 16, 32], start: 32 },
  { name: "y", values: [256, 512, 1_024], start: 256 },
];
const distance = async ({ x = 0, y = 0 }): Promise<number> =>
  Math.abs(Math.log2(x / 4)) + Math.abs(Math.log2(y / 1_024));
const compare = (a: number, b: number): number => a - b;

describe("searchSettings", () => {
  it("looks at every point of a small space", async () => {
    const found = await searchSettings({ axes, measure: distance, compare, maxRuns: 18 });
    expect(found).toMatchObject({ best: { point: { x: 4, y: 1_024 }, result: 0 }, runs: 18, isWhole: true });
  });

  it("moves one setting after the other in a larger one, across a plateau too", async () => {
    const large = [
      { name: "x", values: [1, 2, 4, 8, 16, 32, 64, 128], start: 128 },
      { name: "y", values: [256, 512, 1_024, 2_048], start: 256 },
      { name: "z", values: [1, 2, 3, 4, 5, 6, 7, 8], start: 1 },
    ];
    // Nothing helps before x is right; then y and z do, each alone.
    const measure = async ({ x = 0, y = 0, z = 0 }): Promise<number> =>
      x === 8 ? Math.abs(z - 5) + (y === 512 ? 0 : 9) : 100;
    const found = await searchSettings({ axes: large, measure, compare, maxRuns: 60 });
    expect(found).toMatchObject({ best: { point: { x: 8, y: 512, z: 5 }, result: 0 }, isWhole: false });
    expect(found.runs).toBeLessThan(50);
  });

  it("finds one replica less where that needs another setting too", async () => {
    const three = [
      { name: "x", values: [1, 2, 4, 8, 16, 32, 64, 128], start: 128 },
      { name: "replicas", values: [1, 2, 3, 4, 5, 6, 7, 8], start: 4 },
    ];
    // With four replicas every x will do; with fewer only one does, another for each number.
    const fitting: Readonly<Record<number, number>> = { 3: 64, 2: 8 };
    const measure = async ({ x = 0, replicas = 0 }): Promise<number> =>
      replicas >= 4 || fitting[replicas] === x ? replicas : 100 + Math.abs(Math.log2(x / (fitting[replicas] ?? 1)));
    const search = { axes: three, measure, compare, maxRuns: 60 };
    expect((await searchSettings(search)).best.point).toEqual({ x: 128, replicas: 4 });
    const spared = await searchSettings({ ...search, spare: "replicas" });
    expect(spared.best.point).toEqual({ x: 8, replicas: 2 });
    expect(spared.runs).toBeLessThan(40);
  });

  it("does not look at what is known to be hopeless", async () => {
    const looks: SearchPoint[] = [];
    const measure = async (point: SearchPoint): Promise<number> => {
      looks.push(point);
      return point["y"] ?? 0;
    };
    const isHopeless = ({ y = 0 }: SearchPoint, { result }: { readonly result: number }): boolean => y > result;
    const found = await searchSettings({ axes, measure, compare, maxRuns: 18, isHopeless });
    expect(found).toMatchObject({ best: { result: 256 }, runs: 6, isWhole: true });
    expect(looks.every(({ y }) => y === 256)).toBe(true);
  });

  it("stays where it is when nothing is better", async () => {
    const found = await searchSettings({ axes, measure: async () => 1, compare, maxRuns: 100 });
    expect(found.best).toBe(found.start);
  });

  it("never looks twice, never beyond its bound, and ends even if better is not transitive", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(2), { minLength: 18, maxLength: 18 }),
        fc.integer({ min: 1, max: 18 }),
        async (noise, maxRuns) => {
          const looks: string[] = [];
          const found = await searchSettings({
            axes,
            maxRuns,
            measure: async (point) => {
              looks.push(JSON.stringify(point));
              return noise[looks.length - 1] ?? 0;
            },
            compare: (a, b) => ((a - b + 4) % 3) - 1,
          });
          expect(found.runs).toBe(looks.length);
          expect(looks.length).toBeLessThanOrEqual(maxRuns);
          expect(new Set(looks).size).toBe(looks.length);
        },
      ),
    );
  });
});

describe("compareSettings", () => {
  const at = (replicas: number, goodShare: number, latencyMs = 100) => ({ replicas, goodShare, latencyMs });
  it.each([
    ["kept beats fewer replicas", at(4, 0.96), at(2, 0.94)],
    ["fewer replicas beat a better share, both kept", at(2, 0.951), at(4, 0.999)],
    ["a better share beats a shorter time", at(2, 0.99, 120), at(2, 0.96, 100)],
    ["a shorter time decides the rest", at(2, 0.99, 90), at(2, 0.9905, 100)],
    ["where none keeps it, nearer counts before cheaper", at(8, 0.9), at(1, 0.5)],
  ])("%s", (_name, better, worse) => {
    expect(compareSettings(better, worse, 0.95)).toBeLessThan(0);
    expect(compareSettings(worse, better, 0.95)).toBeGreaterThan(0);
  });

  it("takes differences within noise for none", () => {
    expect(compareSettings(at(2, 0.99, 100), at(2, 0.9905, 100.5), 0.95)).toBe(0);
  });
});
