// What an answer's count of cached tokens says of the cache of its endpoint.
//
// A prompt that was read anew is in the cache afterwards. So one miss says that what was noted before had been forgotten, not that nothing is there
// now: a cache that was lost once is not given up, or each conversation would be read anew twice. A second miss in a row says that this endpoint
// does not keep this prompt, whatever for; then it counts as unknown there until an answer says otherwise.

/** Leading blocks of a prompt. */
export interface CachedBlocks {
  /** That were thought to be in the cache when its request was placed. */
  readonly expected: number;
  /** That were there. */
  readonly found: number;
}

/** fewer: far fewer than was thought. more: far more. as-expected: about as many, or too few to tell. */
export type CachedVerdict = "fewer" | "as-expected" | "more";

/** Tokens of a block are known within a third or so; half as many or twice as many are another thing. */
const FAR = 2;
/** Less than this is no number of blocks to judge by. */
const LEAST_BLOCKS = 2;

/** What the counts say. */
export function judgeCached({ expected, found }: CachedBlocks): CachedVerdict {
  if (expected >= LEAST_BLOCKS && found * FAR < expected) return "fewer";
  return found >= LEAST_BLOCKS && found > expected * FAR ? "more" : "as-expected";
}

/** Misses in a row after which a block counts as unknown at an endpoint. */
export const MOST_MISSES = 2;

/** So much smaller than was thought is a cache after a disappointment. */
const SHRINK = 0.95;
const GROWTH = 1.005;

/** Blocks that a cache is thought to hold after an answer, before it is bounded. */
export function nextCapacity(blocks: number, verdict: CachedVerdict): number {
  switch (verdict) {
    case "fewer":
      return blocks * SHRINK;
    case "as-expected":
      return blocks * GROWTH + 1;
    case "more":
      return blocks / SHRINK + 1;
    default:
      return verdict satisfies never;
  }
}
