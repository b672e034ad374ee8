// The command line of the bench.
import { parseArgs } from "node:util";

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
}

/** Reads the words after the program's name. Throws on a word that it does not know. */
export function parseOptions(words: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...words],
    options: {
      quick: { type: "boolean", default: false },
      "no-install": { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
      workloads: { type: "string" },
    },
  });
  return {
    isQuick: values.quick,
    mayInstall: !values["no-install"],
    rounds: values.rounds === undefined ? undefined : Number(values.rounds),
    only: values.only?.split(","),
    workloads: values.workloads?.split(","),
  };
}
