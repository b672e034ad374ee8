// The whole predictor, as its users see it. Lengths are drawn from log-normal distributions by a fixed sequence.
import { describe, expect, it } from "vitest";
import { createOutputPredictor, type OutputPredictor } from "./output-predictor.ts";
import type { RequestTraits } from "./request-traits.ts";
import { createLengths } from "./testing/lengths.ts";

const TRAITS: RequestTraits = {
  key: "k1",
  model: "chat",
  route: "r",
  shape: "",
  promptHash: 0,
  inputTokens: 500,
  maxOutputTokens: undefined,
};

function learnMany(predictor: OutputPredictor, traits: RequestTraits, draw: () => number, count: number): void {
  for (let answer = 0; answer < count; answer += 1) predictor.learn(traits, draw(), "complete");
}

describe("createOutputPredictor", () => {
  it("says something sensible before it has seen anything", () => {
    const { p50, p90, mean, seen } = createOutputPredictor().predict(TRAITS);
    expect(p50).toBeGreaterThan(20);
    expect(p90).toBeGreaterThan(p50);
    expect(p90).toBeLessThan(10_000);
    expect(mean).toBeGreaterThan(p50);
    expect(seen).toBe(0);
  });

  it("learns a client's length in a few dozen answers", () => {
    const predictor = createOutputPredictor();
    const lengths = createLengths(1);
    learnMany(predictor, TRAITS, () => lengths.around(400, 0.5), 60);
    const { p50, p90 } = predictor.predict(TRAITS);
    expect(p50).toBeGreaterThan(320);
    expect(p50).toBeLessThan(500);
    expect(p90).toBeGreaterThan(600);
    expect(p90).toBeLessThan(1000);
  });

  it("tells clients apart, and takes a new one for one of them and not for the busiest", () => {
    const predictor = createOutputPredictor();
    const lengths = createLengths(2);
    for (let round = 0; round < 40; round += 1) {
      for (let client = 0; client < 9; client += 1) {
        predictor.learn({ ...TRAITS, key: `quiet ${client}` }, lengths.around(1000, 0.3), "complete");
      }
      learnMany(predictor, { ...TRAITS, key: "busy" }, () => lengths.around(20, 0.3), 50);
    }
    expect(predictor.predict({ ...TRAITS, key: "busy" }).p50).toBeLessThan(30);
    expect(predictor.predict({ ...TRAITS, key: "quiet 3" }).p50).toBeGreaterThan(700);
    expect(predictor.predict({ ...TRAITS, key: "new" }).p50).toBeGreaterThan(100);
  });

  it("uses the size of the prompt where it tells something", () => {
    const predictor = createOutputPredictor();
    const lengths = createLengths(3);
    for (let answer = 0; answer < 2000; answer += 1) {
      const inputTokens = Math.floor(lengths.between(100, 5000));
      predictor.learn({ ...TRAITS, inputTokens }, lengths.around(inputTokens / 5, 0.2), "complete");
    }
    for (const inputTokens of [200, 1000, 4000]) {
      const { p50 } = predictor.predict({ ...TRAITS, inputTokens });
      expect(Math.abs(Math.log(p50 / (inputTokens / 5)))).toBeLessThan(0.25);
    }
  });

  it("is not misled by the size of the prompt where it tells nothing", () => {
    const predictor = createOutputPredictor();
    const lengths = createLengths(4);
    for (let answer = 0; answer < 3000; answer += 1) {
      const inputTokens = Math.floor(lengths.between(10, 60_000));
      predictor.learn({ ...TRAITS, inputTokens }, lengths.around(300, 0.8), "complete");
    }
    const sizes = predictor.report()[0]?.levels.find(({ level }) => level === "size");
    expect(sizes?.evenAnswers).toBeGreaterThan(100);
    for (let inputTokens = 16; inputTokens < 60_000; inputTokens *= 1.7) {
      const { p50 } = predictor.predict({ ...TRAITS, inputTokens: Math.floor(inputTokens) });
      expect(Math.abs(Math.log(p50 / 300))).toBeLessThan(0.35);
    }
  });

  it("learns of each model what tells its answers apart", () => {
    const predictor = createOutputPredictor();
    const lengths = createLengths(5);
    for (let answer = 0; answer < 1500; answer += 1) {
      const inputTokens = Math.floor(lengths.between(100, 5000));
      predictor.learn({ ...TRAITS, model: "summary", inputTokens }, lengths.around(inputTokens / 5, 0.2), "complete");
      predictor.learn({ ...TRAITS, model: "chat", inputTokens }, lengths.around(300, 0.8), "complete");
    }
    const evenAnswers = predictor
      .report()
      .map(({ levels }) => levels.find(({ level }) => level === "input")?.evenAnswers ?? 0);
    expect(evenAnswers[0]).toBeLessThan(5);
    expect(evenAnswers[1]).toBeGreaterThan(50);
  });

  it("follows a client that changes within some twenty answers", () => {
    for (const [before, after] of [
      [100, 1000],
      [1000, 100],
    ] as const) {
      const predictor = createOutputPredictor();
      const lengths = createLengths(6);
      for (let round = 0; round < 400; round += 1) {
        for (let client = 0; client < 5; client += 1) {
          const median = [30, 300, 3000, 150, before][client] as number;
          predictor.learn({ ...TRAITS, key: `k${client}` }, lengths.around(median, 0.6), "complete");
        }
      }
      const changed = { ...TRAITS, key: "k4" };
      expect(Math.abs(Math.log(predictor.predict(changed).p50 / before))).toBeLessThan(0.2);
      learnMany(predictor, changed, () => lengths.around(after, 0.6), 25);
      expect(Math.abs(Math.log(predictor.predict(changed).p50 / after))).toBeLessThan(0.4);
      expect(Math.abs(Math.log(predictor.predict({ ...TRAITS, key: "k1" }).p50 / 300))).toBeLessThan(0.2);
    }
  });

  it("believes little of the past of a client's sizes once the client has changed", () => {
    const predictor = createOutputPredictor();
    const lengths = createLengths(11);
    const medians = new Map([
      [100, 20],
      [300, 800],
      [1000, 50],
      [3000, 300],
      [10_000, 100],
    ]);
    const learnAll = (factor: number, rounds: number): void => {
      for (let round = 0; round < rounds; round += 1) {
        for (const [inputTokens, median] of medians) {
          predictor.learn({ ...TRAITS, inputTokens }, lengths.around(factor * median, 0.3), "complete");
        }
      }
    };
    const meanError = (factor: number): number => {
      const errors = [...medians].map(([inputTokens, median]) => {
        return Math.abs(Math.log(predictor.predict({ ...TRAITS, inputTokens }).p50 / (factor * median)));
      });
      return errors.reduce((sum, error) => sum + error, 0) / errors.length;
    };
    learnAll(1, 200);
    expect(meanError(1)).toBeLessThan(0.2);
    learnAll(10, 6);
    expect(meanError(10)).toBeLessThan(0.6);
  });

  it("follows when all clients change at once", () => {
    const predictor = createOutputPredictor();
    const lengths = createLengths(12);
    const medians = Array.from({ length: 20 }, (_, client) => (client % 2 === 0 ? 50 : 2000) * 1.05 ** client);
    const learnAll = (rounds: number): void => {
      for (let round = 0; round < rounds; round += 1) {
        for (const [client, median] of medians.entries()) {
          predictor.learn({ ...TRAITS, key: `k${client}` }, lengths.around(median, 0.7), "complete");
        }
      }
    };
    learnAll(500);
    medians.reverse();
    learnAll(25);
    const errors = medians.map((median, client) => {
      return Math.abs(Math.log(predictor.predict({ ...TRAITS, key: `k${client}` }).p50 / median));
    });
    expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(0.45);
  });

  it("keeps to the client's bound", () => {
    const predictor = createOutputPredictor();
    const lengths = createLengths(7);
    learnMany(predictor, TRAITS, () => lengths.around(2000, 0.4), 100);
    const { p50, p90, mean } = predictor.predict({ ...TRAITS, maxOutputTokens: 256 });
    expect([p50, p90]).toEqual([256, 256]);
    expect(mean).toBeLessThanOrEqual(256);
    expect(predictor.predict({ ...TRAITS, maxOutputTokens: Number.NaN }).p50).toBeGreaterThan(1000);
  });

  it("is not pulled down by answers that were cut off", () => {
    const predictor = createOutputPredictor();
    const lengths = createLengths(8);
    for (let answer = 0; answer < 1000; answer += 1) {
      const tokens = lengths.around(800, 0.6);
      const bound = answer % 2 === 0 ? 500 : undefined;
      const isCut = bound !== undefined && tokens > bound;
      const traits = { ...TRAITS, maxOutputTokens: bound };
      predictor.learn(traits, isCut ? bound : tokens, isCut ? "truncated" : "complete");
    }
    const { p50, p90 } = predictor.predict(TRAITS);
    expect(Math.abs(Math.log(p50 / 800))).toBeLessThan(0.15);
    expect(Math.abs(Math.log(p90 / (800 * Math.exp(0.6 * 1.28))))).toBeLessThan(0.2);
  });

  it("believes that answers are longer when nearly all of them are cut off", () => {
    const predictor = createOutputPredictor();
    for (let answer = 0; answer < 200; answer += 1) predictor.learn(TRAITS, 100, "truncated");
    const { p50, p90 } = predictor.predict(TRAITS);
    expect(p50).toBeGreaterThan(100);
    expect(p90).toBeLessThan(2 ** 20);
  });

  it("reports how good it was, and is calibrated on what does not change", () => {
    const predictor = createOutputPredictor();
    const lengths = createLengths(9);
    for (let round = 0; round < 500; round += 1) {
      for (const [client, median] of [50, 200, 800, 3000].entries()) {
        predictor.learn({ ...TRAITS, key: `k${client}` }, lengths.around(median, 0.5), "complete");
      }
    }
    const [chat] = predictor.report();
    expect(chat).toMatchObject({ model: "chat", answers: 2000, count: 1024 });
    expect(chat?.shareWithinP50).toBeGreaterThan(0.45);
    expect(chat?.shareWithinP50).toBeLessThan(0.55);
    expect(chat?.shareWithinP90).toBeGreaterThan(0.87);
    expect(chat?.shareWithinP90).toBeLessThan(0.93);
    expect(chat?.kendallTau).toBeGreaterThan(0.7);
    expect(chat?.medianErrorFactor).toBeLessThan(1.5);
    expect(createOutputPredictor().report()).toEqual([]);
  });

  it("passes over what is no number of tokens", () => {
    const predictor = createOutputPredictor();
    for (const tokens of [Number.NaN, -1, Number.POSITIVE_INFINITY]) predictor.learn(TRAITS, tokens, "complete");
    expect(predictor.nodes).toBe(0);
    expect(predictor.report()).toEqual([]);
  });

  it("keeps figures of 64 models and drops the one used longest ago", () => {
    const predictor = createOutputPredictor();
    for (let model = 0; model < 70; model += 1) {
      predictor.learn({ ...TRAITS, model: `m${model}` }, 10, "complete");
      predictor.learn({ ...TRAITS, model: "m0" }, 10, "complete");
    }
    const models = predictor.report().map(({ model }) => model);
    expect(models).toHaveLength(64);
    expect(models).toContain("m0");
    expect(models).toContain("m69");
    expect(models).not.toContain("m3");
  });
});
