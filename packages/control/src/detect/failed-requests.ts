// Requests that fail at a living instance. First form: at least five bad attempts and at least half of all within two seconds. The
// gateway's own breaker acts on single requests; this is the record for people, and it never kills (stuck is ejected, not killed).
import type { AttemptOutcome, RequestEvidence } from "@flyball/core";

/** Attempts at one endpoint over the last two seconds. Bounded by the window: the gateway reports five times a second. */
export interface FailureWindow {
  readonly entries: readonly { readonly at: number; readonly good: number; readonly bad: number }[];
}

const WINDOW_MS = 2_000;
const MIN_BAD = 5;
const BAD_OUTCOMES: readonly AttemptOutcome[] = ["server-error", "refused", "reset", "timeout"];

/** Adds evidence and drops what is older than the window. */
export function addEvidence(window: FailureWindow | undefined, evidence: RequestEvidence): FailureWindow {
  const bad = BAD_OUTCOMES.reduce((sum, outcome) => sum + (evidence.outcomes[outcome] ?? 0), 0);
  const good = evidence.outcomes.succeeded ?? 0;
  const entries = [...(window?.entries ?? []), { at: evidence.to, good, bad }];
  return { entries: entries.filter((entry) => entry.at > evidence.to - WINDOW_MS) };
}

/** Whether the window shows a fault, with the numbers as evidence. */
export function failedRequests(window: FailureWindow): { readonly isFault: boolean; readonly text: string } {
  const good = window.entries.reduce((sum, entry) => sum + entry.good, 0);
  const bad = window.entries.reduce((sum, entry) => sum + entry.bad, 0);
  return { isFault: bad >= MIN_BAD && bad >= good, text: `${bad} of ${good + bad} attempts failed in ${WINDOW_MS} ms` };
}
