// What each endpoint's prefix cache probably holds, known from what was sent there: no engine has to be asked, and a new prompt counts from
// the moment it is placed. Engines forget by their own rules, and have more or less room for prefixes the less or more runs; so it is an
// estimate, and how much an endpoint can hold is learned from what its answers say of cached tokens.
import { clearBlocks, createBlockCache, leadingBlocks, noteBlocks, resizeCache } from "./block-cache.ts";

/** The index of one pool. Blocks are whole numbers below 2⁵³, each naming the whole prefix up to it. */
export interface PrefixIndex {
  /** Tokens of one block. */
  readonly blockTokens: number;
  /** How many leading blocks of a prompt the endpoint knows. */
  match(endpoint: number, blocks: readonly number[]): number;
  /** The prompt goes there. */
  add(endpoint: number, blocks: readonly number[]): void;
  /** So many cached tokens were expected at the endpoint, and so many there were: it holds fewer blocks than was thought, or as many. */
  learn(endpoint: number, expectedTokens: number, cachedTokens: number): void;
  /** Its cache is gone. */
  forget(endpoint: number): void;
}

/** How an index is made. */
export interface PrefixIndexOptions {
  readonly endpoints: number;
  /** Tokens of one block; default 64. */
  readonly blockTokens?: number;
  /** Blocks remembered for an endpoint at most; the least recently used are forgotten. Default 31,250: two million tokens in blocks of 64. */
  readonly maxBlocks?: number;
}

const DEFAULT_BLOCK_TOKENS = 64;
const DEFAULT_MAX_BLOCKS = 31_250;
/** A disappointment makes the cache that an endpoint is thought to have this much smaller, an expectation that came true larger. */
const SHRINK = 0.95;
const GROWTH = 1.005;
const LEAST_BLOCKS = 64;

/** An index that knows nothing. Memory is taken as endpoints are used: 24 bytes a block. */
export function createPrefixIndex(options: PrefixIndexOptions): PrefixIndex {
  const { endpoints, blockTokens = DEFAULT_BLOCK_TOKENS, maxBlocks = DEFAULT_MAX_BLOCKS } = options;
  const caches = Array.from({ length: endpoints }, () => createBlockCache(maxBlocks));
  return {
    blockTokens,
    match(endpoint, blocks) {
      const cache = caches[endpoint];
      return cache === undefined ? 0 : leadingBlocks(cache, blocks);
    },
    add(endpoint, blocks) {
      const cache = caches[endpoint];
      if (cache !== undefined) noteBlocks(cache, blocks);
    },
    learn(endpoint, expectedTokens, cachedTokens) {
      const cache = caches[endpoint];
      if (cache === undefined || expectedTokens < blockTokens) return;
      const isLess = cachedTokens < expectedTokens - blockTokens;
      const wanted = isLess ? Math.min(cache.maxBlocks, cache.size) * SHRINK : cache.maxBlocks * GROWTH + 1;
      resizeCache(cache, Math.min(maxBlocks, Math.max(LEAST_BLOCKS, wanted)));
    },
    forget(endpoint) {
      const cache = caches[endpoint];
      if (cache !== undefined) clearBlocks(cache);
    },
  };
}
