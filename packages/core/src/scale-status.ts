// How the scaling of a service stands, as part of its status.
import type { Composed } from "./composed-text.ts";
import type { ScaleSpec } from "./app-spec.ts";

/** Of a service whose number of instances follows its load. */
export interface ScaleStatus extends ScaleSpec, Composed<"reason"> {
  /** load: its load decides. set: a person has set the number. paused: nothing is decided. no-evidence: nobody says how loaded it is. */
  readonly by: "load" | "set" | "paused" | "no-evidence";
  /** Pool WAL with what waits, over the window. */
  readonly weightedAverageLoad?: number;
  /** As many as the load asks for, before bounds. */
  readonly wanted?: number;
  /** What keeps it from more. */
  readonly limitedBy?: "max" | "room";
  /** From the start of an instance until it serves, as measured. */
  readonly coldStartMs: number;
  /** Times that instances were added again soon after some were taken away, since control started. */
  readonly flaps: number;
  /** Why there are as many as there are; absent while it is the least number. */
  readonly reason?: string;
}
