// Learns from an endpoint's own answers what its tokens cost. Reading is seen in the time to the first token, against the prompt tokens that
// had to be read before it; writing in the time between tokens, against the requests that were decoding and all their context.
import { createCostFit } from "./cost-fit.ts";
import type { WorkRates } from "./work-rates.ts";

/** An engine that batches runs at least so many at once, though none has been seen to yet. */
const LEAST_BATCH = 32;
/** What the prior takes for granted: the part of a token's cost that is its share of the step, at that batch. */
const SHARED_PART = 0.9;
/** Overhead of a request and the step that it waits for, in milliseconds. */
const PRIOR_OVERHEAD_MS = 20;
/** A first token may have waited in the engine: then its time says nothing of the prompt. */
const LATE_WEIGHT = 0.2;
/** Largest batch that was seen: it fades by this part with each sample. */
const FADE = 1 / 5000;

/** Learns the rates of one endpoint; a few hundred bytes. */
export interface WorkLearner {
  /**
   * A first token came `ttftMs` after its request was sent, when so many uncached prompt tokens, its own included, were in flight at the
   * endpoint. Requests that waited in the engine's queue are outliers and do no harm while they are the lesser part.
   */
  addFirstToken(uncachedTokens: number, ttftMs: number): void;
  /**
   * Tokens came `itlMs` apart while `running` requests were decoding with `contextTokens` among them. Best from times in which no prompt
   * was being read: in the others a token waits for the prompt.
   */
  addTokenGap(running: number, contextTokens: number, itlMs: number): void;
  /**
   * The rates. A place in a step costs its share of what every step costs, at the batch that a busy endpoint has: `activeCap` requests, but
   * not more than were ever seen (or 32). So the work of all requests is about the time that a busy engine takes for them.
   */
  rates(activeCap: number): WorkRates;
  /** What another learner of such an endpoint may believe at first: the rates at the batch that a prior is meant for. */
  readonly asPrior: WorkRates;
  /** Prompt tokens that it reads in a second (R_peak). */
  readonly prefillTokensPerSecond: number;
  /** Expected time to the first token, and between tokens, in milliseconds. */
  expectTtftMs(uncachedTokens: number): number;
  expectItlMs(running: number, contextTokens: number): number;
  /** Samples behind the prices of reading and of writing. */
  readonly firstTokens: number;
  readonly tokenGaps: number;
}

/** A learner that believes `prior` (of a batch of 32) until it has seen better, which takes a few hundred samples. */
export function createWorkLearner(prior: WorkRates): WorkLearner {
  const reading = createCostFit({ prior: [PRIOR_OVERHEAD_MS, prior.prefillMs], lateWeight: LATE_WEIGHT });
  const sharedMs = prior.decodeMs * SHARED_PART * LEAST_BATCH;
  const writing = createCostFit({ prior: [sharedMs, prior.decodeMs * (1 - SHARED_PART), prior.contextMs] });
  let largestBatch = 0;
  const ratesAt = (batch: number): WorkRates => {
    const [stepMs, sequenceMs, contextMs] = writing.coefficients as [number, number, number];
    return { prefillMs: reading.coefficients[1] as number, decodeMs: sequenceMs + stepMs / batch, contextMs };
  };

  return {
    addFirstToken: (uncachedTokens, ttftMs) => reading.add([1, uncachedTokens], ttftMs),
    addTokenGap(running, contextTokens, itlMs) {
      if (running >= 1 && running < Number.POSITIVE_INFINITY) {
        largestBatch = Math.max(running, largestBatch - largestBatch * FADE);
      }
      writing.add([1, running, contextTokens], itlMs);
    },
    rates: (activeCap) => ratesAt(activeCap >= 1 ? Math.min(activeCap, Math.max(LEAST_BATCH, largestBatch)) : 1),
    get asPrior() {
      return ratesAt(LEAST_BATCH);
    },
    get prefillTokensPerSecond() {
      return 1000 / Math.max(1e-6, reading.coefficients[1] as number);
    },
    expectTtftMs: (uncachedTokens) => reading.expect([1, uncachedTokens]),
    expectItlMs: (running, contextTokens) => writing.expect([1, running, contextTokens]),
    get firstTokens() {
      return reading.samples;
    },
    get tokenGaps() {
      return writing.samples;
    },
  };
}
