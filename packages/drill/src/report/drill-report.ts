// What a drill found, as it is written to files and shown: plain data, judged and summed.
import type { FaultDefinition } from "../fault.ts";
import type { RunVerdict } from "../referee/judge-run.ts";
import type { RunRecord } from "../referee/run-record.ts";
import type { FaultSummary } from "./summarise.ts";

/** How the drill was made. */
export interface DrillSetting {
  readonly app: string;
  readonly at: number;
  readonly command: string;
  readonly seed: number;
  readonly rounds: number;
  readonly perSecond: number;
  readonly goodWindowMs: number;
  readonly version: string;
  readonly node: string;
  readonly processors: number;
  /** Nothing was done about the faults: they were only watched. */
  readonly isShadow: boolean;
}

/** One run with its verdict. */
export interface JudgedRun {
  readonly run: RunRecord;
  readonly verdict: RunVerdict;
}

/** The whole. */
export interface DrillReport {
  readonly format: "flyball.drill/v1";
  readonly setting: DrillSetting;
  /** One for each fault, in the order they were asked for; the empty runs are the last. */
  readonly summaries: readonly FaultSummary[];
  readonly faults: readonly FaultDefinition[];
  readonly runs: readonly JudgedRun[];
}
