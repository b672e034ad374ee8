// What `flyball top` shows: what services and instances asked for against what they use, and what would be right. Answer of GET /v1/top.
import type { ResourceAmounts } from "./app-spec.ts";
import type { Composed } from "./composed-text.ts";

/** The machine and everything that reserves or uses some of it. */
export interface UsageStatus {
  /** Wall time. */
  readonly at: number;
  /** How far back figures reach at most. */
  readonly windowMs: number;
  /** undefined: the target has not said it. */
  readonly machine?: Required<ResourceAmounts>;
  readonly reserved: Required<ResourceAmounts>;
  readonly services: readonly ServiceUsage[];
}

/** One service; the figures are of one instance, over all of its instances. */
export interface ServiceUsage extends UsageFigures {
  readonly service: string;
  readonly reservations: ResourceAmounts;
  readonly limits: ResourceAmounts;
  readonly instances: readonly InstanceUsage[];
  readonly advice: readonly UsageAdvice[];
}

/** One instance: `api/0`, over its restarts. */
export interface InstanceUsage extends UsageFigures {
  readonly instance: string;
}

/** Measurements of a window. */
export interface UsageFigures {
  /** How long was measured; 0: not yet. */
  readonly observedMs: number;
  /** Processors in use; 0.5 is half of one. */
  readonly cpus?: Quantiles;
  readonly memoryBytes?: Quantiles;
}

/** The last measurement, and quantiles of the window. */
export interface Quantiles {
  readonly now: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/** One thing that would be right. */
export interface UsageAdvice extends Composed<"reason"> {
  readonly field: "reservations.cpus" | "reservations.memory" | "limits.memory";
  readonly kind: "lower" | "raise";
  readonly asked: number;
  /** Processors, or bytes. */
  readonly advised: number;
  /** With the evidence: `asked 1024 MiB, used p95 210 MiB over 15 min`. */
  readonly reason: string;
}
