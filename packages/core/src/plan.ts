// A plan is the difference of desired and observed, shown before it is done.
import type { Composed } from "./composed-text.ts";
import type { SpecChange } from "./revision.ts";

/** What will happen to one service. */
export interface PlanStep extends Composed<"reason"> {
  readonly service: string;
  readonly action: "start" | "replace" | "scale" | "stop" | "run-job" | "update-routes" | "keep";
  /** In the user's words: which fields changed, from how many to how many instances. */
  readonly reason: string;
  readonly changes: readonly SpecChange[];
}

/** All steps in the order in which they will be done. */
export interface Plan {
  readonly fromRevision: number | null;
  readonly toRevision: number;
  readonly steps: readonly PlanStep[];
  /** Overrides that the new revision drops because it changes their field. */
  readonly droppedOverrides: readonly DroppedOverride[];
}

/** An override that goes, and why. */
export interface DroppedOverride extends Composed<"reason"> {
  readonly field: string;
  readonly value: unknown;
  readonly reason: string;
}
