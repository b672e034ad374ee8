// The approximate index of prefix caches that routers keep: what was sent where, oldest out first. Each product's own bound is the same to
// within a factor; llm-d's 31,250 blocks of 64 tokens is taken for all.
import type { SimRequest } from "../../trace/trace-request.ts";

/** Tokens remembered of each replica. */
const REMEMBERED_TOKENS = 31_250 * 64;

/** What each replica has been sent. */
export interface SentBlocks {
  /** Prompt tokens of the leading blocks that were sent there before. */
  matchedTokens(request: SimRequest, replica: number): number;
  add(request: SimRequest, replica: number): void;
  /** Tokens remembered of it: the size of its tree. */
  heldTokens(replica: number): number;
}

/** Knows nothing yet. `blockTokens` 0: there are no prefixes, and nothing is kept. */
export function createSentBlocks(replicas: number, blockTokens: number): SentBlocks {
  const known: Set<number>[] = Array.from({ length: replicas }, () => new Set());
  /** Tokens of prompts without blocks: they make a tree grow as well. */
  const other = Array.from({ length: replicas }, () => 0);
  const most = blockTokens === 0 ? 0 : Math.floor(REMEMBERED_TOKENS / blockTokens);
  return {
    matchedTokens({ blocks }, replica) {
      const set = known[replica] as Set<number>;
      let count = 0;
      while (count < blocks.length && set.has(blocks[count] as number)) count += 1;
      return count * blockTokens;
    },
    add({ blocks, inputTokens }, replica) {
      const set = known[replica] as Set<number>;
      if (blocks.length === 0) other[replica] = (other[replica] as number) + inputTokens;
      // Later blocks are older: a prefix is of use without its end, not the other way round.
      for (const block of blocks.toReversed()) {
        set.delete(block);
        set.add(block);
      }
      for (const oldest of set) {
        if (set.size <= most) break;
        set.delete(oldest);
      }
    },
    heldTokens: (replica) => (known[replica] as Set<number>).size * blockTokens + (other[replica] as number),
  };
}
