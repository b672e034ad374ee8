// What holds of a predictor whatever it has been told.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createOutputPredictor, type OutputPredictor } from "./output-predictor.ts";
import type { RequestTraits } from "./request-traits.ts";

const someTraits: fc.Arbitrary<RequestTraits> = fc.record({
  key: fc.constantFrom("", "a", "b", "c"),
  model: fc.constantFrom("m", "n"),
  route: fc.constantFrom("", "r"),
  shape: fc.constantFrom("", "tools"),
  promptHash: fc.constantFrom(0, 1, 2 ** 40 + 5),
  inputTokens: fc.oneof(
    fc.integer({ min: 0, max: 10_000 }),
    fc.constantFrom(Number.NaN, -1, 1e15, Number.POSITIVE_INFINITY),
  ),
  maxOutputTokens: fc.constantFrom(undefined, 0, 16, 4096, Number.NaN),
});
const someAnswer = fc.record({
  traits: someTraits,
  tokens: fc.oneof(fc.integer({ min: 0, max: 4000 }), fc.constantFrom(0.5, 1e9, Number.NaN)),
  outcome: fc.constantFrom("complete" as const, "truncated" as const),
  times: fc.constantFrom(1, 3, 50),
});
const someHistory = fc.array(someAnswer, { maxLength: 25 });
type History = typeof someHistory extends fc.Arbitrary<infer T> ? T : never;

function teach(predictor: OutputPredictor, history: History): void {
  for (const { traits, tokens, outcome, times } of history) {
    for (let time = 0; time < times; time += 1) predictor.learn(traits, tokens, outcome);
  }
}

function answersOf(predictor: OutputPredictor, traits: RequestTraits): readonly number[] {
  const prediction = predictor.predict(traits);
  const after = [0, 1, 17, 300, 5000, 2 ** 22].flatMap((tokens) => [
    prediction.remainingAfter(tokens),
    prediction.quantileAfter(0.5, tokens),
    prediction.quantileAfter(0.99, tokens),
  ]);
  return [prediction.p50, prediction.p90, prediction.mean, prediction.seen, ...after];
}

describe("an output predictor, after any history,", () => {
  it("gives finite numbers that are not negative, with quantiles in order", { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(someHistory, someTraits, fc.integer({ min: 0, max: 9000 }), (history, traits, tokens) => {
        const predictor = createOutputPredictor({ maxNodes: 30 });
        teach(predictor, history);
        const answers = answersOf(predictor, traits);
        expect(answers.every((answer) => answer >= 0 && Number.isFinite(answer))).toBe(true);
        const prediction = predictor.predict(traits);
        expect(prediction.p50).toBeLessThanOrEqual(prediction.p90);
        let last = tokens;
        for (let share = 0; share <= 1; share += 0.05) {
          const quantile = prediction.quantileAfter(share, tokens);
          expect(quantile).toBeGreaterThanOrEqual(last);
          last = quantile;
        }
      }),
      { numRuns: 100 },
    );
  });

  it("goes on after a restart as if there had been none", { timeout: 30_000 }, () => {
    fc.assert(
      fc.property(someHistory, someHistory, someTraits, (before, after, traits) => {
        const predictor = createOutputPredictor({ maxNodes: 30 });
        teach(predictor, before);
        const saved: unknown = JSON.parse(JSON.stringify(predictor.save()));
        const restored = createOutputPredictor({ saved, maxNodes: 30 });
        expect(restored.origin).toBe("restored");
        expect(restored.save()).toEqual(predictor.save());
        teach(predictor, after);
        teach(restored, after);
        expect(answersOf(restored, traits)).toEqual(answersOf(predictor, traits));
        expect(restored.report()).toEqual(predictor.report());
      }),
      { numRuns: 100 },
    );
  });

  it("keeps to its bound of nodes under many thousand clients, and to the one that stays", { timeout: 60_000 }, () => {
    const predictor = createOutputPredictor({ maxNodes: 200 });
    const traits = {
      key: "stays",
      model: "m",
      route: "",
      shape: "",
      promptHash: 0,
      inputTokens: 100,
      maxOutputTokens: undefined,
    };
    let most = 0;
    for (let client = 0; client < 100_000; client += 1) {
      predictor.learn({ ...traits, key: `client ${client}` }, 1 + (client % 50), "complete");
      if (client % 20 === 0) predictor.learn(traits, 3000, "complete");
      if (predictor.nodes > most) most = predictor.nodes;
    }
    expect(most).toBeLessThanOrEqual(200);
    expect(predictor.predict(traits).p50).toBeGreaterThan(2800);
    expect(JSON.stringify(predictor.save()).length).toBeLessThan(200_000);
  });
});

describe("what is no saved predictor", () => {
  const predictor = createOutputPredictor();
  for (let answer = 0; answer < 200; answer += 1) {
    const traits = {
      key: `k${answer % 3}`,
      model: "m",
      route: "",
      shape: "",
      promptHash: 0,
      inputTokens: answer,
      maxOutputTokens: undefined,
    };
    predictor.learn(traits, 50 + answer, "complete");
  }
  const saved = predictor.save();

  it("is refused, and the predictor begins with nothing", () => {
    const foreign: readonly unknown[] = [
      null,
      7,
      "flyball",
      [],
      {},
      { ...saved, format: "flyball/output-predictor/v2" },
      { ...saved, bins: 3 },
      { ...saved, levels: ["all"] },
      { ...saved, answers: -1 },
      { ...saved, drawn: 1 },
      { ...saved, nodes: 5 },
      { ...saved, nodes: saved.nodes.slice(0, -8) },
      { ...saved, nodes: `AAAA${saved.nodes}` },
      { ...saved, models: [{}] },
      { ...saved, models: saved.models.map((model) => ({ ...model, evidence: [1] })) },
      { ...saved, models: saved.models.map((model) => ({ ...model, p50: [] })) },
      { ...saved, models: saved.models.map((model) => ({ ...model, came: model.came.map(() => null) })) },
    ];
    const untaught = createOutputPredictor();
    const traits = {
      key: "k1",
      model: "m",
      route: "",
      shape: "",
      promptHash: 0,
      inputTokens: 5,
      maxOutputTokens: undefined,
    };
    for (const value of foreign) {
      const refused = createOutputPredictor({ saved: value });
      expect(refused.origin).toBe("refused");
      expect(refused.nodes).toBe(0);
      expect(refused.predict(traits).p50).toBe(untaught.predict(traits).p50);
    }
    expect(createOutputPredictor({ saved }).origin).toBe("restored");
  });

  it("does no harm when bytes of it are changed", { timeout: 30_000 }, () => {
    const bytes = Buffer.from(saved.nodes, "base64");
    fc.assert(
      fc.property(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 0, max: 255 }),
        someHistory,
        someTraits,
        (at, byte, history, traits) => {
          const damaged = Buffer.from(bytes);
          damaged[at] = byte;
          const restored = createOutputPredictor({ saved: { ...saved, nodes: damaged.toString("base64") } });
          teach(restored, history);
          expect(answersOf(restored, traits).every((answer) => answer >= 0 && Number.isFinite(answer))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("leaves out the nodes used longest ago when the bound is smaller than before", () => {
    const restored = createOutputPredictor({ saved, maxNodes: 16 });
    expect(restored.nodes).toBe(16);
    expect(predictor.nodes).toBeGreaterThan(16);
  });
});
