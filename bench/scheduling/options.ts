// The command line of the bench.
import { policyCatalogue } from "@flyball/sim";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { numberOf, UsageError, type BenchUsage, type CommandLine } from "../support/command-line.ts";
import { DATA_OPTION, requireDataFolder } from "./data-folder.ts";
import { ALL_WORKLOADS } from "./workloads/all-workloads.ts";

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
  /** Share by which steps of the engines are longer or shorter by chance (0–1). Knees are found without. */
  readonly jitter: number;
  /** Every policy on every workload. */
  readonly isComplete: boolean;
  readonly workers: number;
  readonly dataFolder: string;
  /** Results, a line each; what stands there already is not run again. */
  readonly file: string;
}

const MINUTE_MS = 60_000;

/** How the bench is called. */
export const USAGE: BenchUsage = {
  file: "bench/scheduling/run.ts",
  purpose: "Our scheduler against all baselines on all workloads, in simulation, and what of the bars it keeps.",
  options: {
    data: DATA_OPTION,
    workloads: { value: "ID,ID", says: `only these, with what they refer to: ${shortIds().join(", ")}` },
    policies: { value: "TEXT,TEXT", says: "policies whose names hold one of these, beside flyball and least-request" },
    all: { says: "every policy on every workload" },
    quick: { says: "20 simulated minutes, 2 seeds, 4 loads, a rough knee: minutes instead of hours" },
    resume: { value: "FILE", says: "adds to that file and runs only what is not in it" },
    points: { value: "N,N", says: "loads as multiples of the knee; 0.6,0.8,0.95,1,1.05,1.1" },
    seeds: { value: "N", says: "seeds that are judged; 5" },
    minutes: { value: "N", says: "simulated minutes of a run; 60" },
    jitter: { value: "N", says: "share by which steps vary by chance, 0 to 1; 0. Knees are found without" },
    workers: { value: "N", says: "threads; as many as there are processors" },
  },
};

/** Reads it. Throws `UsageError`. */
export function readOptions(line: CommandLine, environment: NodeJS.ProcessEnv): BenchOptions {
  const dataFolder = requireDataFolder(line, environment);
  const isQuick = line.isOn("quick");
  const seedCount = line.number("seeds", 1) ?? (isQuick ? 2 : 5);
  return {
    workloads: workloadsOf(line),
    policies: policiesOf(line),
    points: line.list("points")?.map((text) => numberOf("--points", text, 0.01, true)) ?? pointsOf(isQuick),
    seeds: Array.from({ length: seedCount }, (_, index) => index + 1),
    kneeSeeds: isQuick ? [101] : [101, 102, 103],
    kneeTolerance: isQuick ? 0.02 : 0.005,
    durationMs: (line.number("minutes", 1, true) ?? (isQuick ? 20 : 60)) * MINUTE_MS,
    jitter: line.number("jitter", 0, true) ?? 0,
    isComplete: line.isOn("all"),
    workers: line.number("workers", 1) ?? availableParallelism(),
    dataFolder,
    file:
      line.text("resume") ?? join(tmpdir(), `flyball-scheduling-${new Date().toISOString().replaceAll(":", "")}.jsonl`),
  };
}

/** `W6` stands for all that begin so. */
function shortIds(): readonly string[] {
  return [...new Set(ALL_WORKLOADS.map(({ id }) => id.split("-", 1)[0] ?? id))];
}

function workloadsOf(line: CommandLine): readonly string[] {
  const asked = line.list("workloads")?.map((id) => id.toUpperCase()) ?? [];
  const known = new Set([...shortIds(), ...ALL_WORKLOADS.map(({ id }) => id.toUpperCase())]);
  const wrong = asked.find((id) => !known.has(id));
  if (wrong === undefined) return asked;
  throw new UsageError(`--workloads: there is no ${wrong}; there are ${shortIds().join(", ")}`);
}

function policiesOf(line: CommandLine): readonly string[] {
  const asked = line.list("policies") ?? [];
  const names = ALL_WORKLOADS.flatMap(({ profile }) => policyCatalogue(profile).map(({ name }) => name));
  const wrong = asked.find((part) => !names.some((name) => name.includes(part)));
  if (wrong === undefined) return asked;
  throw new UsageError(`--policies: no policy's name holds ${wrong}; there are ${[...new Set(names)].join("; ")}`);
}

function pointsOf(isQuick: boolean): readonly number[] {
  return isQuick ? [0.8, 0.95, 1, 1.05] : [0.6, 0.8, 0.95, 1, 1.05, 1.1];
}
