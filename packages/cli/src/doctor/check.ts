// One thing that the doctor looked at.
import type { LocalText } from "../messages/localised-error.ts";

/** What was found. `name` is stable: scripts read it. */
export interface Check {
  readonly name: CheckName;
  readonly state: "ok" | "warning" | "failed";
  readonly detail: LocalText;
  /** What to do; always there unless the state is ok. */
  readonly hint?: LocalText;
}

/** The checks, in the order in which they are shown. */
export type CheckName =
  | "node"
  | "state-folder"
  | "socket-path"
  | "disk"
  | "clock"
  | "manifest"
  | "ports"
  | "keeper"
  | "control"
  | "gateway"
  | "services"
  | "leftovers";
