// Whether a copy of an app still suffers from a fault of an earlier run: a quota that is spent is not looked at again for minutes. The next run
// then gets a new copy; only one that is not well from its start tells of the app itself.
import type { RunRecord } from "@flyball/drill";

/** Follows the runs on one copy. */
export interface WornCopy {
  /** true: this run says nothing of the app, and is to be done again on a new copy. */
  isWornAt(run: Pick<RunRecord, "outcome" | "fault" | "injectedAt">): boolean;
}

/** A new copy. */
export function createWornCopy(): WornCopy {
  let hadFault = false;
  return {
    isWornAt({ outcome, fault, injectedAt }) {
      if (outcome.kind === "unhealthy") return hadFault;
      hadFault ||= fault !== undefined && injectedAt !== undefined;
      return false;
    },
  };
}
