// What the tokens of a request make of its latency, so that a shift to longer prompts or answers is not taken for a queue. Learned while no
// queue is seen, and mostly from what is not late: a wait is no cost of tokens.
import { createCostFit, type CostFit } from "../work/cost-fit.ts";
import type { ExplainedLatency, LatencySample, SeenLatency } from "./latency-window.ts";

/**
 * Of the first latency, the part that is taken to be the same whatever the tokens. Before there is more to go by most of it is theirs: of a
 * shift to longer ones too much is then allowed for, and not too little.
 */
const FIXED_PART = 0.2;
/** What a latency above the expectation counts. */
const LATE_WEIGHT = 0.2;
/** What one request says of how many tokens are usual. */
const USUAL_WEIGHT = 0.05;
const LEAST_MS = 0.01;

/** What is learned of it. */
export interface TokenLatency {
  /** undefined: no tokens were ever known of. */
  fit: CostFit | undefined;
  /** Geometric means of the tokens of a request, as in `SeenLatency`. */
  usualPrompt: number;
  usualOutput: number;
}

const UNEXPLAINED: ExplainedLatency = { prompt: 0, output: 0, expected: 0 };

/** Knows nothing. */
export function createTokenLatency(): TokenLatency {
  return { fit: undefined, usualPrompt: 0, usualOutput: 0 };
}

/**
 * What the tokens of a sample make of it. One of which none are known counts as one of usual size: beside others it would look as if they
 * were ten times slower or quicker for nothing. `isLearning`: no queue is seen.
 */
export function explain(tokens: TokenLatency, sample: LatencySample, isLearning: boolean): ExplainedLatency {
  const { latencyMs, promptTokens, outputTokens } = sample;
  if (promptTokens === undefined && outputTokens === undefined) {
    if (tokens.fit === undefined) return UNEXPLAINED;
    const usual = { prompt: tokens.usualPrompt, output: tokens.usualOutput };
    return { ...usual, expected: tokenPartOf(tokens, usual) };
  }
  const amounts = [1, promptTokens ?? 0, outputTokens ?? 0];
  const prompt = Math.log1p(promptTokens ?? 0);
  const output = Math.log1p(outputTokens ?? 0);
  const fit = (tokens.fit ??= firstFit(tokens, sample));
  tokens.usualPrompt += (prompt - tokens.usualPrompt) * USUAL_WEIGHT;
  tokens.usualOutput += (output - tokens.usualOutput) * USUAL_WEIGHT;
  const expected = Math.log(Math.max(LEAST_MS, fit.expect(amounts)));
  if (isLearning) fit.add(amounts, latencyMs);
  return { prompt, output, expected };
}

function firstFit(tokens: TokenLatency, { latencyMs, promptTokens = 0, outputTokens = 0 }: LatencySample): CostFit {
  tokens.usualPrompt = Math.log1p(promptTokens);
  tokens.usualOutput = Math.log1p(outputTokens);
  const perToken = ((1 - FIXED_PART) * latencyMs) / Math.max(1, promptTokens + outputTokens);
  return createCostFit({ prior: [FIXED_PART * latencyMs, perToken, perToken], lateWeight: LATE_WEIGHT });
}

/** What so many tokens make of a latency, by what is known now, as a natural logarithm of milliseconds; 0 where none were ever known of. */
export function tokenPartOf({ fit }: TokenLatency, { prompt, output }: Omit<SeenLatency, "latency">): number {
  if (fit === undefined) return 0;
  return Math.log(Math.max(LEAST_MS, fit.expect([1, Math.expm1(prompt), Math.expm1(output)])));
}

/** A latency without its tokens' part: only such can be compared. Infinity for none. */
export function levelOf(tokens: TokenLatency, seen: SeenLatency | undefined): number {
  return seen === undefined ? Number.POSITIVE_INFINITY : seen.latency - tokenPartOf(tokens, seen);
}
