// Requests that fail at a living instance. First form: at least five bad attempts and at least half of all within two seconds. The
// gateway's own breaker acts on single requests; this is the record for people, and it never kills (stuck is ejected, not killed).
import type { AttemptOutcome, RequestEvidence } from "@flyball/core";

/** Attempts at one endpoint over the last two seconds. Bounded by the window: the gateway reports five times a second. */
export interface FailureWindow {
  readonly entries: readonly WindowEntry[];
}

interface WindowEntry {
  readonly at: number;
  readonly good: number;
  readonly bad: number;
  /** Wall times of the first bad attempt, and of a good one before it that is as late as can be proved. */
  readonly firstBadAt: number;
  readonly lastGoodBefore: number;
}

const WINDOW_MS = 2_000;
const MIN_BAD = 5;
const BAD_OUTCOMES: readonly AttemptOutcome[] = ["server-error", "refused", "reset", "timeout"];

/** Adds evidence and drops what is older than the window. `lastGoodAt` is what was known before this evidence. */
export function addEvidence(
  window: FailureWindow | undefined,
  evidence: RequestEvidence,
  lastGoodAt: number | undefined,
): FailureWindow {
  const bad = BAD_OUTCOMES.reduce((sum, outcome) => sum + (evidence.outcomes[outcome] ?? 0), 0);
  const good = evidence.outcomes.succeeded ?? 0;
  const firstBadAt = evidence.firstBadAt ?? evidence.to;
  const isGoodFirst = evidence.lastGoodAt !== undefined && evidence.lastGoodAt <= firstBadAt;
  const lastGoodBefore = Math.min(firstBadAt, (isGoodFirst ? evidence.lastGoodAt : lastGoodAt) ?? evidence.from);
  const entries = [...(window?.entries ?? []), { at: evidence.to, good, bad, firstBadAt, lastGoodBefore }];
  return { entries: entries.filter((entry) => entry.at > evidence.to - WINDOW_MS) };
}

/** What a window shows. */
export interface FailureVerdict {
  readonly isFault: boolean;
  /** The window's first bad attempt, and the last good one before it. */
  readonly began: { readonly lastGood: number; readonly firstBad: number };
  /** Attempts in the window, as evidence. */
  readonly counts: { readonly bad: number; readonly all: number; readonly windowMs: number };
}

/** Whether the window shows a fault that lasts: one whose newest evidence is only good is over. */
export function failedRequests(window: FailureWindow): FailureVerdict {
  const good = window.entries.reduce((sum, entry) => sum + entry.good, 0);
  const bad = window.entries.reduce((sum, entry) => sum + entry.bad, 0);
  const lasts = (window.entries.at(-1)?.bad ?? 0) > 0;
  const first = window.entries.find((entry) => entry.bad > 0);
  const began = { lastGood: first?.lastGoodBefore ?? 0, firstBad: first?.firstBadAt ?? 0 };
  return {
    isFault: lasts && bad >= MIN_BAD && bad >= good,
    began,
    counts: { bad, all: good + bad, windowMs: WINDOW_MS },
  };
}
