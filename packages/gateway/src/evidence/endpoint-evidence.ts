// What a worker saw of one endpoint since its last report. Plain numbers, so that counting an attempt costs a few additions.
import type { AttemptOutcome } from "@flyball/core";

/** Sums of one endpoint. Times are wall times. */
export interface EndpointEvidence {
  readonly pool: string;
  readonly endpoint: string;
  outcomes: Partial<Record<AttemptOutcome, number>>;
  latencySumMs: number;
  latencyMaxMs: number;
  lastGoodAt: number | undefined;
  firstBadAt: number | undefined;
  lastBadAt: number | undefined;
  lastFailure: string | undefined;
  hasNews: boolean;
}

/** One ended attempt. */
export interface AttemptEnd {
  readonly outcome: AttemptOutcome;
  readonly latencyMs: number;
  /** Wall time. */
  readonly at: number;
  /** Set for a failure: `ECONNREFUSED`, `status 503`. */
  readonly failure?: string | undefined;
}

/** Empty sums. */
export function createEndpointEvidence(pool: string, endpoint: string): EndpointEvidence {
  return {
    pool,
    endpoint,
    outcomes: {},
    latencySumMs: 0,
    latencyMaxMs: 0,
    lastGoodAt: undefined,
    firstBadAt: undefined,
    lastBadAt: undefined,
    lastFailure: undefined,
    hasNews: false,
  };
}

/** Adds one attempt. A cancelled one says nothing about the endpoint beyond its count. */
export function addAttempt(evidence: EndpointEvidence, end: AttemptEnd): void {
  evidence.hasNews = true;
  evidence.outcomes[end.outcome] = (evidence.outcomes[end.outcome] ?? 0) + 1;
  if (end.outcome === "cancelled") return;
  evidence.latencySumMs += end.latencyMs;
  if (end.latencyMs > evidence.latencyMaxMs) evidence.latencyMaxMs = end.latencyMs;
  if (end.outcome === "succeeded") {
    evidence.lastGoodAt = end.at;
    return;
  }
  evidence.firstBadAt ??= end.at;
  evidence.lastBadAt = end.at;
  evidence.lastFailure = end.failure;
}

/** The sums as they are, and a fresh start. */
export function takeEvidence(evidence: EndpointEvidence): EndpointEvidence {
  const taken = { ...evidence };
  Object.assign(evidence, createEndpointEvidence(evidence.pool, evidence.endpoint));
  return taken;
}
