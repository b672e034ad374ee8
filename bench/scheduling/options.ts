// The command line of the bench.
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

/** What a run of the bench does. */
export interface BenchOptions {
  /** Ids; empty: all. */
  readonly workloads: readonly string[];
  /** Parts of names of policies; empty: those of the headline. */
  readonly policies: readonly string[];
  /** Multiples of the knee. */
  readonly points: readonly number[];
  readonly seeds: readonly number[];
  /** Seeds on which the knee is found, apart from those judged. */
  readonly kneeSeeds: readonly number[];
  readonly kneeTolerance: number;
  readonly durationMs: number;
  /** Every policy on every workload. */
  readonly isComplete: boolean;
  readonly workers: number;
  readonly dataFolder: string;
  /** Results, a line each; what stands there already is not run again. */
  readonly file: string;
}

const MINUTE_MS = 60_000;

/** Reads the arguments. Throws with a plain message. */
export function readOptions(words: readonly string[], environment: NodeJS.ProcessEnv): BenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      workloads: { type: "string", default: "" },
      policies: { type: "string", default: "" },
      points: { type: "string" },
      seeds: { type: "string" },
      minutes: { type: "string" },
      workers: { type: "string" },
      data: { type: "string" },
      resume: { type: "string" },
      quick: { type: "boolean", default: false },
      all: { type: "boolean", default: false },
    },
  });
  const dataFolder = values.data ?? environment["FLYBALL_DATA"];
  if (dataFolder === undefined) throw new Error("say where the traces are: --data FOLDER or FLYBALL_DATA");
  const isQuick = values.quick;
  const seedCount = Number(values.seeds ?? (isQuick ? 2 : 5));
  return {
    workloads: listOf(values.workloads).map((id) => id.toUpperCase()),
    policies: listOf(values.policies),
    points: values.points === undefined ? pointsOf(isQuick) : listOf(values.points).map(Number),
    seeds: Array.from({ length: seedCount }, (_, index) => index + 1),
    kneeSeeds: isQuick ? [101] : [101, 102, 103],
    kneeTolerance: isQuick ? 0.02 : 0.005,
    durationMs: Number(values.minutes ?? (isQuick ? 20 : 60)) * MINUTE_MS,
    isComplete: values.all,
    workers: Number(values.workers ?? availableParallelism()),
    dataFolder,
    file: values.resume ?? join(tmpdir(), `flyball-scheduling-${new Date().toISOString().replaceAll(":", "")}.jsonl`),
  };
}

function pointsOf(isQuick: boolean): readonly number[] {
  return isQuick ? [0.8, 0.95, 1, 1.05] : [0.6, 0.8, 0.95, 1, 1.05, 1.1];
}

function listOf(text: string): readonly string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter((word) => word !== "");
}
