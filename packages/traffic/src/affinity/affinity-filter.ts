// Which endpoints a prompt should go to for the sake of what their caches know of it. The load decides among those that know much of it; it
// decides among all when those would let the prompt wait longer than their knowledge saves.

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
}

/** As in llm-d: 0.8; let go when the wait costs as much as the knowledge saves. */
export const DEFAULT_AFFINITY: AffinityOptions = Object.freeze({ matchShare: 0.8, releaseRatio: 1 });

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
