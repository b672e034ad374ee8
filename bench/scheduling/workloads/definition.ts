// What a workload of the bench is: a function of the data, a seed and a load.
import type { EngineProfile } from "@flyball/engine-model";
import type { ScalePlan, Trace, Workload } from "@flyball/sim";
import type { TraceKind } from "../trace-files.ts";

/** What a workload is built from. */
export interface BuildInput {
  /** The trace of a kind; each is parsed once. */
  readonly trace: (kind: TraceKind) => Trace;
  readonly seed: number;
  /** Requests per second at the trace's mean work. */
  readonly ratePerSecond: number;
  /** Of the whole run, before warm-up and tail are cut. */
  readonly durationMs: number;
}

/** Groups of policies that a headline run holds against each other; every one has the shipped ones and ours. */
export type PolicyGroup = "held placements" | "held orders" | "ablations" | "oracles";

/** One workload. */
export interface WorkloadDefinition {
  readonly id: string;
  readonly title: string;
  /** What it needs of the data folder. */
  readonly traces: readonly TraceKind[];
  /** Calibrates baselines; slowdowns are measured by it. */
  readonly profile: EngineProfile;
  /** A guess from which the knee is looked for, requests per second. */
  readonly startRate: number;
  /** Whose knee its loads are told by, where not its own. */
  readonly kneeOf?: string;
  /** Policies whose SLO capacity is looked for: the greatest load at which 95 % keep the workload's objective. */
  readonly capacities?: readonly string[];
  /** A headline run compares only the chief ones of the shipped policies. */
  readonly isBrief?: boolean;
  /** Its replicas differ. */
  readonly isMixed?: boolean;
  /** Only there for others to refer to: no table. */
  readonly isAuxiliary?: boolean;
  readonly groups: readonly PolicyGroup[];
  /** The pool's size is not fixed: instead of policies, these scalers are compared, all behind our router. */
  readonly scale?: { readonly names: readonly string[]; readonly planOf: (name: string) => ScalePlan };
  readonly build: (input: BuildInput) => Workload;
}

/** Cut at the start: replicas fill, queues form. */
const WARM_UP_MS = 5 * 60_000;
/** Not judged at the end, so that what is judged ends under load. */
const TAIL_MS = 5 * 60_000;

/** The judged part of a run. */
export function judgedOf(durationMs: number): { readonly fromMs: number; readonly toMs: number } {
  // A short run, as with --quick, cuts an eighth at each end.
  return {
    fromMs: Math.min(WARM_UP_MS, durationMs / 8),
    toMs: durationMs - Math.min(TAIL_MS, durationMs / 8),
  };
}
