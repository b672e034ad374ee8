// How our router stands against each bar, with 95 % intervals over the seeds.
import { createSeededRandom, policyCatalogue, pairedDifference, pairedRatio, type Interval } from "@flyball/sim";
import { printTable } from "../../support/report.ts";
import { OURS } from "../choose-policies.ts";
import type { BenchOptions } from "../options.ts";
import type { ResultLine } from "../results-file.ts";
import { workloadOf } from "../workloads/all-workloads.ts";
import { ALL_BARS, CAPACITY_BARS } from "./all-bars.ts";
import type { Bar, CapacityBar } from "./bar.ts";
import {
  arithmeticMean,
  completePoints,
  geometricMean,
  judgedPoints,
  policiesAt,
  runsOf,
  type WorkloadRuns,
} from "./figures.ts";

/** Prints every bar whose runs are there. */
export function printBars(lines: readonly ResultLine[], options: BenchOptions): void {
  const rows: (readonly string[])[] = ALL_BARS.flatMap((bar) => {
    const runs = runsOf(lines, bar.workload, options.durationMs);
    const others = runsOf(lines, bar.rivalWorkload ?? bar.workload, options.durationMs);
    const points = (bar.points ?? judgedPoints(runs)).filter((point) => completePoints(runs).includes(point));
    if (points.length === 0 || others.policies.length === 0) return [];
    const rival = rivalOf(bar, others, points);
    return rival === undefined ? [] : [rowOf(bar, { runs, others, points, rival })];
  });
  rows.push(...CAPACITY_BARS.flatMap((bar) => capacityRow(bar, lines, options)));
  if (rows.length === 0) return;
  console.log("\n## Bars\n");
  printTable(
    ["workload", "figure", "against", "needed", "reached (95 % interval)", "kept", "best oracle reaches"],
    rows,
  );
}

function capacityRow(bar: CapacityBar, lines: readonly ResultLine[], options: BenchOptions): readonly string[][] {
  const of = (policy: string): number | undefined => {
    const found = lines.find(
      (line) =>
        line.kind === "capacity" &&
        line.workload === bar.workload &&
        line.policy === policy &&
        line.durationMs === options.durationMs,
    );
    return found?.kind === "capacity" ? found.ratePerSecond : undefined;
  };
  const own = of(OURS);
  const other = of(bar.rival);
  if (own === undefined || other === undefined) return [];
  const reached = own / other;
  return [
    [
      bar.workload,
      bar.name,
      bar.rival,
      `≥ ${bar.needed}×`,
      `${reached.toFixed(2)}×`,
      reached >= bar.needed ? "yes" : "NO",
      "",
    ],
  ];
}

interface Compared {
  readonly runs: WorkloadRuns;
  readonly others: WorkloadRuns;
  readonly points: readonly number[];
  readonly rival: string;
}

function rowOf(bar: Bar, compared: Compared): readonly string[] {
  const { estimate, low, high } = compare(bar, compared, OURS);
  const isKept = bar.comparison === "share" ? estimate <= bar.needed : estimate >= bar.needed;
  const unit = bar.comparison === "points" ? " points" : "×";
  const sign = bar.comparison === "share" ? "≤" : "≥";
  return [
    bar.workload,
    bar.name,
    compared.rival + (bar.rivalWorkload === undefined ? "" : ` in ${bar.rivalWorkload}`),
    `${sign} ${bar.needed}${unit}`,
    `${estimate.toFixed(2)}${unit} (${low.toFixed(2)} to ${high.toFixed(2)})`,
    isKept ? "yes" : "NO",
    boundOf(bar, compared, unit),
  ];
}

/** What the best of the policies that know every answer's length reaches: a bar beyond it is out of reach for all. */
function boundOf(bar: Bar, compared: Compared, unit: string): string {
  const profile = workloadOf(bar.workload)?.profile;
  if (profile === undefined) return "";
  const known = policiesAt(compared.runs, compared.points);
  const reached = policyCatalogue(profile)
    .filter(({ form, name }) => form === "oracle" && known.includes(name))
    .map(({ name }) => compare(bar, compared, name).estimate);
  if (reached.length === 0) return "";
  return `${(bar.comparison === "share" ? Math.min(...reached) : Math.max(...reached)).toFixed(2)}${unit}`;
}

/** Each seed has one value, over all its points: what is drawn anew are seeds. */
function compare(bar: Bar, { runs, others, points, rival }: Compared, policy: string): Interval {
  const mean = bar.comparison === "points" ? arithmeticMean : geometricMean;
  const bySeed = (from: WorkloadRuns, policy: string): readonly number[] =>
    runs.seeds.map((seed) => mean(points.map((point) => from.value(policy, point, seed, bar.figure))));
  const own = bySeed(runs, policy);
  const other = bySeed(others, rival);
  const random = createSeededRandom(1);
  if (bar.comparison === "points") return pairedDifference(own, other, random);
  return bar.comparison === "lower" ? pairedRatio(other, own, random) : pairedRatio(own, other, random);
}

function rivalOf(bar: Bar, runs: WorkloadRuns, points: readonly number[]): string | undefined {
  if (bar.rival.kind === "policy")
    return policiesAt(runs, points).includes(bar.rival.name) ? bar.rival.name : undefined;
  const profile = workloadOf(bar.workload)?.profile;
  if (profile === undefined) return undefined;
  const known = policiesAt(runs, points);
  const shipped = policyCatalogue(profile).filter(({ form, name }) => form === "shipped" && known.includes(name));
  const isHigherBetter = bar.comparison === "points" || bar.comparison === "higher";
  const mean = isHigherBetter ? arithmeticMean : geometricMean;
  return shipped
    .map(({ name }) => ({ name, value: mean(runs.values(name, points, bar.figure)) }))
    .toSorted((a, b) => (isHigherBetter ? b.value - a.value : a.value - b.value))[0]?.name;
}
