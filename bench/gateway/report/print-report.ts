// The report on stdout: Markdown tables for RESULTS.md, and the whole run as one line of JSON at the end (`| tail -n 1`).
import { describeMachine, printTable } from "../../support/report.ts";
import { FEATURES } from "../candidates/flyball-candidate.ts";
import type { Turn } from "../run-rounds.ts";
import type { BenchPlan } from "../workload.ts";
import { barsOf } from "./bars.ts";
import { measureDefinitions, type MeasureDefinition } from "./measure-definition.ts";
import { failuresOf, summarise, type Summaries, type Summary } from "./summarise.ts";

/** What a run brought. */
export interface BenchResult {
  readonly plan: BenchPlan;
  readonly isQuick: boolean;
  readonly turns: readonly Turn[];
  readonly versions: Readonly<Record<string, string>>;
  /** Candidate → why it is not here. */
  readonly absent: Readonly<Record<string, string>>;
  readonly seconds: number;
}

const COMPARED_WITH = ["nginx", "lean node", "portkey"];

/** Prints it. */
export function printReport(result: BenchResult): void {
  const { turns, absent, plan } = result;
  const summaries = summarise(turns, "direct");
  const labels = Object.keys(summaries);
  console.log(`${describeMachine()}; ${plan.rounds} rounds, ${result.seconds.toFixed(0)} s`);
  if (result.isQuick) console.log("Quick run: the intervals are too short for figures to be quoted.");
  console.log("\nMedian over the rounds (least–most).\n");
  const rows = measureDefinitions
    .filter(({ id }) => labels.some((label) => summaries[label]?.[id] !== undefined))
    .map((definition) => rowOf(definition, labels, summaries));
  const wrong = ["wrong or missing answers", ...labels.map((label) => String(failuresOf(turns, label)))];
  const ratios = COMPARED_WITH.map((other) => `flyball ÷ ${other}`);
  printTable(["measure", ...labels, ...ratios], [...rows, [...wrong, ...ratios.map(() => "")]]);
  console.log("\nThe bars of the design:\n");
  printTable(
    ["bar", "at most", "seen", ""],
    barsOf(summaries).map(({ title, limit, seen }) => {
      const word = Number.isNaN(seen) ? "not measured" : seen <= limit ? "reached" : "not reached";
      return [title, limit.toFixed(3), Number.isNaN(seen) ? "–" : seen.toFixed(3), word];
    }),
  );
  for (const { label, round, problems } of turns) {
    for (const problem of problems) console.log(`\nRound ${round + 1}, ${label}: ${problem}`);
  }
  const missing = Object.entries(absent).map(([name, reason]) => `${name} (${reason})`);
  console.log(
    `\nVersions: ${Object.entries(result.versions)
      .map((entry) => entry.join(" "))
      .join(", ")}`,
  );
  console.log(`Absent: ${missing.length === 0 ? "none" : missing.join("; ")}`);
  console.log(`Flyball's features: ${JSON.stringify(FEATURES)}\n`);
  console.log(JSON.stringify({ ...result, features: FEATURES, summaries, bars: barsOf(summaries) }));
}

function rowOf(definition: MeasureDefinition, labels: readonly string[], summaries: Summaries): readonly string[] {
  const { id, title, unit, digits, isAdded, isMoreBetter } = definition;
  const cells = labels.map((label) => {
    const summary = summaries[label]?.[id];
    if (summary === undefined) return "–";
    const text = cellOf(summary, digits);
    return isAdded === true && label === "direct" ? `(${text})` : text;
  });
  const ratios = COMPARED_WITH.map((other) => {
    const [ours, theirs] = [summaries["flyball"]?.[id]?.median, summaries[other]?.[id]?.median];
    const isComparable = ours !== undefined && theirs !== undefined && ours > 0 && theirs > 0;
    return isComparable ? (ours / theirs).toFixed(2) : "–";
  });
  const direction = isMoreBetter === true ? " ↑" : "";
  return [`${title}${unit === "" ? "" : `, ${unit}`}${direction}`, ...cells, ...ratios];
}

function cellOf({ median, least, most, rounds }: Summary, digits: number): string {
  const value = median.toFixed(digits);
  return rounds === 1 ? value : `${value} (${least.toFixed(digits)}–${most.toFixed(digits)})`;
}
