// What a worker saw of one endpoint since its last report. Plain numbers, so that counting an attempt costs a few additions, and a piece of a
// stream less.
import type { AnswerFlaw, AttemptOutcome } from "@flyball/core";
import { addDuration, createSums, takeSums, type GrowingSums } from "./duration-sums.ts";
import type { Standing } from "./standing.ts";

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
  /** As in `RequestEvidence`. */
  readonly connect: GrowingSums;
  readonly firstToken: GrowingSums;
  readonly gap: GrowingSums;
  pieces: number;
  bytes: number;
  judged: number;
  flaws: Partial<Record<AnswerFlaw, number>>;
  rateLimited: number;
  quotaSpent: number;
  unusable: number;
  hasNews: boolean;
}

/** What a report says of one endpoint. */
export interface ReportedEvidence extends EndpointEvidence {
  /** What is in flight in this worker at the moment of the report. */
  readonly standing: Standing;
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
    connect: createSums(),
    firstToken: createSums(),
    gap: createSums(),
    pieces: 0,
    bytes: 0,
    judged: 0,
    flaws: {},
    rateLimited: 0,
    quotaSpent: 0,
    unusable: 0,
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

/** Adds a piece of an answer; `silenceMs` since the one before it, where it is a stream. */
export function addPiece(evidence: EndpointEvidence, bytes: number, silenceMs: number | undefined): void {
  evidence.pieces += 1;
  evidence.bytes += bytes;
  if (silenceMs !== undefined) addDuration(evidence.gap, silenceMs);
}

/** Adds a whole answer that was looked at. */
export function addJudged(evidence: EndpointEvidence, flaw: AnswerFlaw | undefined): void {
  evidence.hasNews = true;
  evidence.judged += 1;
  if (flaw !== undefined) evidence.flaws[flaw] = (evidence.flaws[flaw] ?? 0) + 1;
}

/** The sums as they are, and a fresh start. */
export function takeEvidence(evidence: EndpointEvidence): EndpointEvidence {
  const [connect, firstToken, gap] = [
    takeSums(evidence.connect),
    takeSums(evidence.firstToken),
    takeSums(evidence.gap),
  ];
  const taken = { ...evidence, connect, firstToken, gap };
  const { connect: _c, firstToken: _f, gap: _g, ...fresh } = createEndpointEvidence(evidence.pool, evidence.endpoint);
  Object.assign(evidence, fresh);
  return taken;
}
