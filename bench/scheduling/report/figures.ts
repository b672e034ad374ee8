// The runs of one workload as figures: by policy, point and seed.
import type { RunSummary } from "@flyball/sim";
import { JUDGED } from "../choose-policies.ts";
import type { ResultLine, RunLine } from "../results-file.ts";

/** One number of a run. */
export type Figure = (summary: RunSummary) => number;

/** All runs of one workload. */
export interface WorkloadRuns {
  readonly policies: readonly string[];
  readonly points: readonly number[];
  readonly seeds: readonly number[];
  /** NaN where there is no such run. */
  value(policy: string, point: number, seed: number, figure: Figure): number;
  /** Mean over the seeds. */
  mean(policy: string, point: number, figure: Figure): number;
  /** Of one policy, in the order of points × seeds. */
  values(policy: string, points: readonly number[], figure: Figure): readonly number[];
}

/** Collects them. */
export function runsOf(lines: readonly ResultLine[], workload: string, durationMs: number): WorkloadRuns {
  const runs = lines.filter(
    (line): line is RunLine => line.kind === "run" && line.workload === workload && line.durationMs === durationMs,
  );
  const byKey = new Map(runs.map((run) => [`${run.policy}|${run.point}|${run.seed}`, run.summary]));
  const unique = <T>(values: readonly T[]): readonly T[] => [...new Set(values)];
  const points = unique(runs.map(({ point }) => point)).toSorted((a, b) => a - b);
  const seeds = unique(runs.map(({ seed }) => seed)).toSorted((a, b) => a - b);
  const value = (policy: string, point: number, seed: number, figure: Figure): number => {
    const summary = byKey.get(`${policy}|${point}|${seed}`);
    return summary === undefined ? Number.NaN : figure(summary);
  };
  return {
    policies: unique(runs.map(({ policy }) => policy)),
    points,
    seeds,
    value,
    mean: (policy, point, figure) =>
      seeds.reduce((sum, seed) => sum + value(policy, point, seed, figure), 0) / seeds.length,
    values: (policy, wanted, figure) =>
      wanted.flatMap((point) => seeds.map((seed) => value(policy, point, seed, figure))),
  };
}

/** The points at which bars are judged, as far as they are complete. */
export function judgedPoints(runs: WorkloadRuns): readonly number[] {
  return completePoints(runs).filter((point) => point >= JUDGED.from && point <= JUDGED.to);
}

/** The points at which every policy that was run there has been run on every seed: an interrupted bench has others too. */
export function completePoints(runs: WorkloadRuns): readonly number[] {
  const { points, policies, seeds } = runs;
  return points.filter((point) =>
    policies.every((policy) => {
      const done = seeds.filter((seed) => isRun(runs, policy, point, seed));
      return done.length === 0 || done.length === seeds.length;
    }),
  );
}

/** The policies that have been run at all of these points, on every seed. */
export function policiesAt(runs: WorkloadRuns, points: readonly number[]): readonly string[] {
  return runs.policies.filter((policy) =>
    points.every((point) => runs.seeds.every((seed) => isRun(runs, policy, point, seed))),
  );
}

function isRun({ value }: WorkloadRuns, policy: string, point: number, seed: number): boolean {
  return !Number.isNaN(value(policy, point, seed, (it) => it.requests));
}

/** Geometric mean of positive numbers; a zero counts as one thousandth. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(Math.max(value, 1e-3)), 0) / values.length);
}

/** Arithmetic mean. */
export function arithmeticMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
