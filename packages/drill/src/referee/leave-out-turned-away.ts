// Where the fault is the load itself, what the app turns away is neither good nor bad: it shall be, and says nothing of those that are served.
import { isTurnedAway, type RequestRecord } from "./request-record.ts";
import type { RunRecord } from "./run-record.ts";

/** The requests that say how clients are served. Once the load is as before, nobody is to be turned away. */
export function leaveOutTurnedAway(
  requests: readonly RequestRecord[],
  { victim, injectedAt = Infinity, undoneAt = Infinity }: Pick<RunRecord, "victim" | "injectedAt" | "undoneAt">,
): readonly RequestRecord[] {
  if (victim?.isWholeApp !== true) return requests;
  return requests.filter((each) => !isTurnedAway(each) || each.sentAt < injectedAt || each.sentAt >= undoneAt);
}
