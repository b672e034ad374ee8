// What decides when a process that ended is started again: the code of control/decide, and what others do by their documentation, written anew.
import type { Random } from "@flyball/core";

/** A rule at work on one process. */
export interface RestartBook {
  /** A process ended that nobody asked to end. Milliseconds until the next start; null: it is given up. `uptimeMs` runs from the start of the process. */
  ended(uptimeMs: number, now: number): number | null;
}

/** A rule with its name. */
export interface RestartRule {
  readonly name: string;
  create(random: Random): RestartBook;
}
