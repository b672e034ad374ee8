// The command line of the bench.
import { UsageError, type BenchUsage, type CommandLine } from "../support/command-line.ts";
import { candidates } from "./candidates/candidate-list.ts";
import { findProgram } from "./machine/find-program.ts";
import { benchPlan } from "./workload.ts";

/** What the user wants. */
export interface BenchOptions {
  readonly isQuick: boolean;
  readonly mayInstall: boolean;
  /** Overrides the plan's. */
  readonly rounds: number | undefined;
  /** Names of candidates; undefined: all. */
  readonly only: readonly string[] | undefined;
  /** Names of workloads; undefined: all. */
  readonly workloads: readonly string[] | undefined;
  /** Files of the programs without which nothing can be measured: the load and the upstream. */
  readonly programs: { readonly wrk: string; readonly nginx: string };
}

/** How the bench is called. */
export const USAGE: BenchUsage = {
  file: "bench/gateway.ts",
  purpose: "What the gateway costs, in turns with the direct path and other gateways within one run.",
  options: {
    quick: { says: "2 minutes instead of 15: shows whether it works, no figures to be quoted" },
    rounds: { value: "N", says: "how often all candidates are measured; 3, with --quick 2" },
    only: { value: "NAME,NAME", says: `only these of ${candidates.map(({ name }) => name).join(", ")}` },
    workloads: { value: "ID,ID", says: `only these of ${idsOf(false).join(", ")}` },
    "no-install": { says: "what is not here stays absent" },
  },
};

/** Reads it. Throws `UsageError`, also where a program is missing. */
export function readOptions(line: CommandLine): BenchOptions {
  const isQuick = line.isOn("quick");
  return {
    isQuick,
    mayInstall: !line.isOn("no-install"),
    rounds: line.number("rounds", 1),
    only: line.list(
      "only",
      candidates.map(({ name }) => name),
    ),
    workloads: line.list("workloads", idsOf(isQuick)),
    programs: { wrk: requireProgram("wrk"), nginx: requireProgram("nginx") },
  };
}

function idsOf(isQuick: boolean): readonly string[] {
  return benchPlan(isQuick).workloads.map(({ id }) => id);
}

function requireProgram(name: string): string {
  const file = findProgram(name);
  if (file === undefined) throw new UsageError(`the bench needs ${name}`, "apt-get install wrk nginx-light haproxy");
  return file;
}
