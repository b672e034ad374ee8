// The results of a bench as lines of JSON: a run that was interrupted goes on where it was, and a longer one adds to a shorter.
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import type { RunSummary } from "@flyball/sim";

/** One run of one policy. */
export interface RunLine {
  readonly kind: "run";
  readonly workload: string;
  /** Multiple of the knee. */
  readonly point: number;
  readonly seed: number;
  readonly policy: string;
  readonly durationMs: number;
  readonly ratePerSecond: number;
  readonly summary: RunSummary;
  /** Of the simulation, ms of one core. */
  readonly tookMs?: number;
}

/** A share of good requests measured on the way to a knee. */
export interface ProbeLine {
  readonly kind: "probe";
  readonly workload: string;
  readonly policy: string;
  readonly seed: number;
  readonly durationMs: number;
  readonly ratePerSecond: number;
  readonly goodput: number;
}

/** The greatest load that a policy bears within the workload's objective; of least-request it is the knee. */
export interface CapacityLine {
  readonly kind: "capacity";
  readonly workload: string;
  readonly policy: string;
  readonly durationMs: number;
  readonly tolerance: number;
  readonly ratePerSecond: number;
}

export type ResultLine = RunLine | ProbeLine | CapacityLine;

/** The file of a bench. */
export interface ResultsFile {
  readonly path: string;
  readonly lines: readonly ResultLine[];
  add(line: ResultLine): void;
  has(line: Pick<RunLine, "workload" | "point" | "seed" | "policy" | "durationMs" | "ratePerSecond">): boolean;
}

/** Opens the file; one that is not there is begun. A last line that was cut short is left out. */
export function openResultsFile(path: string): ResultsFile {
  const lines: ResultLine[] = existsSync(path) ? readFileSync(path, "utf8").split("\n").flatMap(readLine) : [];
  const keyOf = (line: Parameters<ResultsFile["has"]>[0]): string =>
    [line.workload, line.point, line.seed, line.policy, line.durationMs, line.ratePerSecond.toPrecision(9)].join("|");
  const known = new Set(lines.flatMap((line) => (line.kind === "run" ? [keyOf(line)] : [])));
  return {
    path,
    lines,
    add(line) {
      lines.push(line);
      if (line.kind === "run") known.add(keyOf(line));
      appendFileSync(path, `${JSON.stringify(line)}\n`);
    },
    has: (line) => known.has(keyOf(line)),
  };
}

function readLine(text: string): readonly ResultLine[] {
  if (text.trim() === "") return [];
  try {
    return [JSON.parse(text) as ResultLine];
  } catch {
    return [];
  }
}
