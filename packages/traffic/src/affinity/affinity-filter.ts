// Which endpoints a prompt should go to for the sake of what their caches know of it. The load decides among those that know much of it; it
// decides among all when those would let the prompt wait longer than their knowledge saves.

import { DEFAULT_SCHEDULE } from "@flyball/core";

/** What the filter looks at. */
export interface WarmCandidate {
  readonly uncachedTokens: number;
  /** Time that prompts in flight keep the endpoint busy, ms. */
  readonly prefillWaitMs: number;
}

/** The knobs of the filter. */
export interface AffinityOptions {
  /** Share of the best match from which on an endpoint counts as one that knows the prompt (0–1). */
  readonly matchShare: number;
  /** Endpoints that know the prompt are let go when their prompts wait longer than those of others by more than this × the time saved. */
  readonly releaseRatio: number;
  /**
   * A request waits for an endpoint that knows its prompt and has no room, when others have room, for this multiple of the time that it saves
   * (delay scheduling, Zaharia et al., EuroSys 2010). 0: it never waits for that.
   */
  readonly waitRatio: number;
}

/**
 * An endpoint is let go, and no longer waited for, when that costs four times what its knowledge saves: the time that a
 * prompt is read anew is taken from everybody at that endpoint, not only from him who brought it.
 */
export const DEFAULT_AFFINITY: AffinityOptions = Object.freeze({
  matchShare: DEFAULT_SCHEDULE.prefixThreshold,
  releaseRatio: 4,
  waitRatio: 4,
});

/**
 * Shortens the list to the candidates that know the prompt, in place; leaves it when none knows anything of it or they are let go.
 * `prefillMs` is what reading a token takes (calibrated).
 */
export function keepWarm<T extends WarmCandidate>(
  candidates: T[],
  inputTokens: number,
  prefillMs: number,
  options: AffinityOptions,
): void {
  let fewest = inputTokens;
  let leastWaitMs = Number.POSITIVE_INFINITY;
  for (const { uncachedTokens, prefillWaitMs } of candidates) {
    fewest = Math.min(fewest, uncachedTokens);
    leastWaitMs = Math.min(leastWaitMs, prefillWaitMs);
  }
  const cachedTokens = inputTokens - fewest;
  if (cachedTokens <= 0) return;
  const enough = options.matchShare * cachedTokens;
  let warmWaitMs = Number.POSITIVE_INFINITY;
  for (const { uncachedTokens, prefillWaitMs } of candidates) {
    if (inputTokens - uncachedTokens >= enough) warmWaitMs = Math.min(warmWaitMs, prefillWaitMs);
  }
  if (warmWaitMs - leastWaitMs > options.releaseRatio * cachedTokens * prefillMs) return;
  let kept = 0;
  for (const candidate of candidates) {
    if (inputTokens - candidate.uncachedTokens < enough) continue;
    candidates[kept] = candidate;
    kept += 1;
  }
  candidates.length = kept;
}
