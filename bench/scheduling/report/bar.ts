// One bar of the issue: what is compared, with whom, and what would be enough.
import type { Figure } from "./figures.ts";

/** Against whom. */
export type Rival =
  /** The best shipped policy by this very figure. */
  { readonly kind: "best shipped" } | { readonly kind: "policy"; readonly name: string };

/** "lower": the rival's value ÷ ours. "higher": ours ÷ the rival's. "points": ours − the rival's, in hundredths. "share": ours ÷ the rival's. */
export type Comparison = "lower" | "higher" | "points" | "share";

/** A bar on capacities: ours ÷ the rival's, at least `needed`. */
export interface CapacityBar {
  readonly workload: string;
  readonly name: string;
  readonly rival: string;
  readonly needed: number;
}

/** One bar. */
export interface Bar {
  readonly workload: string;
  readonly name: string;
  readonly figure: Figure;
  readonly comparison: Comparison;
  readonly rival: Rival;
  /** What the estimate must reach ("lower", "higher", "points") or not exceed ("share"). */
  readonly needed: number;
  /** Another workload whose runs the rival's values come from. */
  readonly rivalWorkload?: string;
  /** Judged at these multiples of the knee instead of 0.95 to 1.05. */
  readonly points?: readonly number[];
}
