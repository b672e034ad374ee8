// The reports of all workers on their predictions as one. Each worker sees its own share of the same traffic, so the means are weighted by how
// many predictions they stand for; what is a factor is averaged as one.
import type { ModelReport } from "@flyball/traffic";

/** One report a model, the one with the most answers first. */
export function mergeReports(reports: readonly (readonly ModelReport[])[]): readonly ModelReport[] {
  const byModel = new Map<string, ModelReport[]>();
  for (const report of reports.flat()) {
    const known = byModel.get(report.model);
    if (known === undefined) byModel.set(report.model, [report]);
    else known.push(report);
  }
  return [...byModel.values()].map(mergeModel).toSorted((a, b) => b.answers - a.answers);
}

function mergeModel(parts: readonly ModelReport[]): ModelReport {
  const [first] = parts as readonly [ModelReport, ...ModelReport[]];
  if (parts.length === 1) return first;
  const weights = parts.map(({ count }) => count);
  const mean = (read: (report: ModelReport) => number): number => weightedMean(parts.map(read), weights);
  const geometricMean = (read: (report: ModelReport) => number): number =>
    Math.exp(mean((report) => Math.log(Math.max(Number.MIN_VALUE, read(report)))));
  return {
    model: first.model,
    answers: sumOf(parts.map(({ answers }) => answers)),
    count: sumOf(weights),
    shareWithinP50: mean(({ shareWithinP50 }) => shareWithinP50),
    shareWithinP90: mean(({ shareWithinP90 }) => shareWithinP90),
    kendallTau: mean(({ kendallTau }) => kendallTau),
    medianErrorFactor: geometricMean(({ medianErrorFactor }) => medianErrorFactor),
    levels: first.levels.map(({ level }, index) => ({
      level,
      evenAnswers: geometricMean(({ levels }) => levels[index]?.evenAnswers ?? 1),
    })),
  };
}

/** Without any weight all count alike. */
function weightedMean(values: readonly number[], weights: readonly number[]): number {
  const total = sumOf(weights);
  if (total === 0) return sumOf(values) / values.length;
  return sumOf(values.map((value, index) => value * (weights[index] as number))) / total;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
