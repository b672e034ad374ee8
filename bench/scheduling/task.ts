// What goes to a worker and what comes back. One task is one draw of one workload at one load, under a list of policies: they share the
// arrivals, so the draw is made once.
import type { RunSummary } from "@flyball/sim";

/** A draw and the policies that meet it. */
export interface Task {
  readonly workload: string;
  readonly ratePerSecond: number;
  readonly seed: number;
  readonly durationMs: number;
  readonly policies: readonly string[];
  /** Share by which steps of the engines vary by chance; none unless given. */
  readonly jitter?: number;
}

/** One run. */
export interface RunResult {
  readonly policy: string;
  readonly summary: RunSummary;
  /** Of the simulation itself, ms of one core. */
  readonly tookMs: number;
}

/** What a worker answers: each run as it ends, then the end of the task or why there is none. */
export type WorkerMessage =
  | { readonly kind: "run"; readonly result: RunResult }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly reason: string };
