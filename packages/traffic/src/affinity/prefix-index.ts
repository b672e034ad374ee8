// What each endpoint's prefix cache probably holds, known from what was sent there: no engine has to be asked, and a new prompt counts from
// the moment it is placed. Engines forget by their own rules, so it is an estimate; what an answer says of cached tokens corrects it.
import { clearBlocks, createBlockCache, dropBlocks, leadingBlocks, noteBlocks } from "./block-cache.ts";

/** The index of one pool. Blocks are whole numbers below 2⁵³, each naming the whole prefix up to it. */
export interface PrefixIndex {
  /** Tokens of one block. */
  readonly blockTokens: number;
  /** How many leading blocks of a prompt the endpoint knows. */
  match(endpoint: number, blocks: readonly number[]): number;
  /** The prompt goes there. */
  add(endpoint: number, blocks: readonly number[]): void;
  /** The endpoint said that it had only so many tokens of the prompt: what it did not have is learned anew. */
  correct(endpoint: number, blocks: readonly number[], cachedTokens: number): void;
  /** Its cache is gone. */
  forget(endpoint: number): void;
}

/** How an index is made. */
export interface PrefixIndexOptions {
  readonly endpoints: number;
  /** Tokens of one block; default 64. */
  readonly blockTokens?: number;
  /** Blocks remembered for an endpoint; the least recently used are forgotten. Default 31,250: two million tokens in blocks of 64. */
  readonly maxBlocks?: number;
}

const DEFAULT_BLOCK_TOKENS = 64;
const DEFAULT_MAX_BLOCKS = 31_250;

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
    correct(endpoint, blocks, cachedTokens) {
      const cache = caches[endpoint];
      if (cache === undefined) return;
      dropBlocks(cache, blocks, Math.floor(cachedTokens / blockTokens));
      noteBlocks(cache, blocks);
    },
    forget(endpoint) {
      const cache = caches[endpoint];
      if (cache !== undefined) clearBlocks(cache);
    },
  };
}
