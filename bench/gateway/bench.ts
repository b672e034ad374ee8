// What every part of a run shares.
import type { CleanUp } from "./machine/clean-up.ts";

/** One run of the bench. */
export interface Bench {
  /** A folder of its own, deleted at the end. */
  readonly folder: string;
  readonly cleanUp: CleanUp;
  /** A line for people, to stderr. */
  tell(line: string): void;
}
