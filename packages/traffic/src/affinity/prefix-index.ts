// What each endpoint's prefix cache probably holds, known from what was sent there: no engine has to be asked, and a new prompt counts from
// the moment it is placed. Engines forget by their own rules, and have more or less room for prefixes the less or more runs; so it is an
// estimate, and how much an endpoint can hold is learned from what its answers say of cached tokens.
import {
  clearBlocks,
  confirmBlocks,
  createBlockCache,
  findHolding,
  leadingBlocks,
  missBlocks,
  noteBlocks,
  resizeCache,
} from "./block-cache.ts";
import { judgeCached, nextCapacity, type CachedBlocks } from "./cached-blocks.ts";

/** The index of one pool. Blocks are whole numbers below 2⁵³, each naming the whole prefix up to it. */
export interface PrefixIndex {
  /** Tokens of one block. */
  readonly blockTokens: number;
  /** How many leading blocks of a prompt the endpoint knows. */
  match(endpoint: number, blocks: readonly number[]): number;
  /**
   * Of the first `count` of these endpoints, those that may know something of a prompt, in their order, into `found`; returns how many. It is asked
   * before `match`, which tells how much, because nearly all endpoints of a large pool know nothing.
   */
  findKnowing(blocks: readonly number[], endpoints: Int32Array, count: number, found: Int32Array): number;
  /** The prompt goes there. */
  add(endpoint: number, blocks: readonly number[]): void;
  /**
   * An answer told how much of its prompt was cached: what was missed a second time counts as unknown there, what was found is entered, and the
   * cache is smaller or larger than was thought. An endpoint that never told of any cached token is not believed when it tells of none: many
   * leave the count out.
   */
  learn(endpoint: number, blocks: readonly number[], told: CachedBlocks): void;
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
const LEAST_BLOCKS = 64;

/** An index that knows nothing. Memory is taken as endpoints are used: 24 bytes a block. */
export function createPrefixIndex(options: PrefixIndexOptions): PrefixIndex {
  const { endpoints, blockTokens = DEFAULT_BLOCK_TOKENS, maxBlocks = DEFAULT_MAX_BLOCKS } = options;
  const caches = Array.from({ length: endpoints }, () => createBlockCache(maxBlocks));
  /** Endpoints that have told of cached tokens. */
  const tellers = new Set<number>();
  return {
    blockTokens,
    match(endpoint, blocks) {
      const cache = caches[endpoint];
      return cache === undefined ? 0 : leadingBlocks(cache, blocks);
    },
    findKnowing(blocks, all, count, found) {
      return blocks.length === 0 ? 0 : findHolding(caches, blocks[0] as number, { endpoints: all, count, found });
    },
    add(endpoint, blocks) {
      const cache = caches[endpoint];
      if (cache !== undefined) noteBlocks(cache, blocks);
    },
    learn(endpoint, blocks, told) {
      const cache = caches[endpoint];
      if (told.found > 0) tellers.add(endpoint);
      if (cache === undefined || !tellers.has(endpoint)) return;
      const verdict = judgeCached(told);
      if (verdict === "fewer") missBlocks(cache, blocks, told);
      else if (told.found > 0) confirmBlocks(cache, blocks, told.found);
      if (told.expected === 0 && verdict === "as-expected") return;
      const held = verdict === "fewer" ? Math.min(cache.maxBlocks, cache.size) : cache.maxBlocks;
      resizeCache(cache, Math.min(maxBlocks, Math.max(LEAST_BLOCKS, nextCapacity(held, verdict))));
    },
    forget(endpoint) {
      const cache = caches[endpoint];
      tellers.delete(endpoint);
      if (cache !== undefined) clearBlocks(cache);
    },
  };
}
