// All tables of a bench.
import { policyCatalogue, type PolicySpec } from "@flyball/sim";
import { printTable } from "../../support/report.ts";
import type { BenchOptions } from "../options.ts";
import type { ResultLine } from "../results-file.ts";
import { ALL_WORKLOADS } from "../workloads/all-workloads.ts";
import type { WorkloadDefinition } from "../workloads/definition.ts";
import {
  arithmeticMean,
  completePoints,
  geometricMean,
  judgedPoints,
  policiesAt,
  runsOf,
  type Figure,
  type WorkloadRuns,
} from "./figures.ts";
import { printBars } from "./print-bars.ts";
import { printScaling } from "./print-scaling.ts";
import { printWaits } from "./waits.ts";

const FORM_TITLES: Readonly<Record<PolicySpec["form"], string>> = {
  shipped: "As shipped",
  ours: "Ours",
  held: "The same rules on our late-binding queue",
  oracle: "Bounds: policies that know every answer's length",
};

const FORMS: readonly PolicySpec["form"][] = ["shipped", "ours", "held", "oracle"];

/** Prints what there is: every workload that has runs. */
export function printReport(lines: readonly ResultLine[], options: BenchOptions): void {
  for (const definition of ALL_WORKLOADS) {
    const runs = runsOf(lines, definition.id, options.durationMs);
    if (runs.policies.length === 0 || completePoints(runs).length === 0 || definition.isAuxiliary === true) continue;
    if (definition.scale === undefined) printWorkload(definition, runs);
    else printScaling(definition, runs);
    printCapacities(definition, lines, options);
  }
  printWaits(lines, options);
  printBars(lines, options);
}

function printWorkload(definition: WorkloadDefinition, runs: WorkloadRuns): void {
  const points = judgedPoints(runs);
  const complete = policiesAt(runs, points);
  const catalogue = policyCatalogue(definition.profile);
  console.log(`\n## ${definition.id}: ${definition.title}\n`);
  console.log(
    `Geometric means over ${points.join(", ")} × knee and ${runs.seeds.length} seeds; goodput, Jain: means.\n`,
  );
  for (const form of points.length === 0 ? [] : FORMS) {
    const names = catalogue.filter((spec) => spec.form === form && complete.includes(spec.name));
    if (names.length === 0) continue;
    console.log(`\n**${FORM_TITLES[form]}**\n`);
    printTable(
      HEAD,
      names.map(({ name }) => rowOf(runs, points, name)),
    );
  }
  printCurve(runs, "Mean time to first token, s, by load", (it) => it.ttft.mean / 1_000);
  printCurve(runs, "Goodput, %, by load", (it) => it.goodput.own * 100);
}

function printCapacities(
  { id, capacities = [] }: WorkloadDefinition,
  lines: readonly ResultLine[],
  options: BenchOptions,
): void {
  if (capacities.length === 0) return;
  const found = lines.filter(
    (line) => line.kind === "capacity" && line.workload === id && line.durationMs === options.durationMs,
  );
  console.log("\nGreatest load at which 95 % keep the objective\n");
  printTable(
    ["policy", "requests/s"],
    found.map((line) => (line.kind === "capacity" ? [line.policy, line.ratePerSecond.toFixed(3)] : [])),
  );
}

const HEAD = [
  "policy",
  "TTFT mean / p50 / p99 / max s",
  "E2E mean / p99 s",
  "TPOT p99 ms",
  "goodput % (chat)",
  "lost %",
  "longest 5 % s",
  "Jain clients / tenants",
  "preempted",
  "cache %",
  "in tok/s",
] as const;

function rowOf(runs: WorkloadRuns, points: readonly number[], policy: string): readonly string[] {
  const geometric = (figure: Figure, digits: number): string =>
    geometricMean(runs.values(policy, points, figure)).toFixed(digits);
  const mean = (figure: Figure, digits: number): string =>
    arithmeticMean(runs.values(policy, points, figure)).toFixed(digits);
  const seconds =
    (figure: Figure): Figure =>
    (summary) =>
      figure(summary) / 1_000;
  return [
    policy,
    [
      geometric(
        seconds((it) => it.ttft.mean),
        2,
      ),
      geometric(
        seconds((it) => it.ttft.p50),
        2,
      ),
      geometric(
        seconds((it) => it.ttft.p99),
        1,
      ),
      geometric(
        seconds((it) => it.ttft.max),
        0,
      ),
    ].join(" / "),
    `${geometric(
      seconds((it) => it.e2e.mean),
      1,
    )} / ${geometric(
      seconds((it) => it.e2e.p99),
      0,
    )}`,
    geometric((it) => it.tpot.p99, 0),
    `${mean((it) => it.goodput.own * 100, 1)} (${mean((it) => it.goodput.chat * 100, 1)})`,
    mean((it) => ((it.refused + it.cut + it.failed) / it.requests) * 100, 1),
    geometric(
      seconds((it) => it.longestE2eMs),
      0,
    ),
    `${mean((it) => it.jainClients, 2)} / ${mean((it) => it.jainTenants, 2)}`,
    mean((it) => it.enginePreemptions, 0),
    mean((it) => it.cacheHit * 100, 1),
    mean((it) => it.inputPerSecond, 0),
  ];
}

function printCurve(runs: WorkloadRuns, title: string, figure: Figure): void {
  const points = completePoints(runs);
  console.log(`\n${title}\n`);
  printTable(
    ["policy", ...points.map((point) => `${point}×`)],
    runs.policies.map((policy) => [policy, ...points.map((point) => showMean(runs.mean(policy, point, figure)))]),
  );
}

/** Policies that only the judged loads were run with have no value elsewhere. */
function showMean(value: number): string {
  return Number.isNaN(value) ? "" : value.toFixed(2);
}
