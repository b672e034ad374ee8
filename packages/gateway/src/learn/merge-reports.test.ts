import type { ModelReport } from "@flyball/traffic";
import { expect, it } from "vitest";
import { mergeReports } from "./merge-reports.ts";

function report(model: string, count: number, changes: Partial<ModelReport> = {}): ModelReport {
  return {
    model,
    answers: count,
    count,
    shareWithinP50: 0.5,
    shareWithinP90: 0.9,
    kendallTau: 0.4,
    medianErrorFactor: 1.5,
    levels: [{ level: "all", evenAnswers: 10 }],
    ...changes,
  };
}

it("weighs each worker by its predictions", () => {
  const [merged] = mergeReports([
    [report("chat", 300, { shareWithinP50: 0.4, medianErrorFactor: 1 })],
    [report("chat", 100, { shareWithinP50: 0.8, medianErrorFactor: 16, levels: [{ level: "all", evenAnswers: 160 }] })],
  ]);
  expect(merged).toMatchObject({ model: "chat", answers: 400, count: 400, shareWithinP90: 0.9, kendallTau: 0.4 });
  expect(merged?.shareWithinP50).toBeCloseTo(0.5);
  expect(merged?.medianErrorFactor).toBeCloseTo(2);
  expect(merged?.levels[0]?.evenAnswers).toBeCloseTo(20);
});

it("shows every model of every worker, the busiest first, and nothing without workers", () => {
  const merged = mergeReports([[report("small", 5)], [report("large", 50), report("none", 0)]]);
  expect(merged.map(({ model }) => model)).toEqual(["large", "small", "none"]);
  expect(mergeReports([])).toEqual([]);
});

it("is finite where no worker has any prediction yet", () => {
  const empty = { shareWithinP50: 0, shareWithinP90: 0, kendallTau: 0, medianErrorFactor: 1 };
  const [merged] = mergeReports([[report("chat", 0, empty)], [report("chat", 0, empty)]]);
  expect(merged).toMatchObject({ count: 0, shareWithinP50: 0, medianErrorFactor: 1 });
});
