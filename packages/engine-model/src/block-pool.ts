// The engine's key-value memory in blocks. A block in use is private to one sequence, or it is a full block of a prompt that
// several sequences may share. Free blocks stand in the order in which they became free and are taken from the oldest on; until
// it is taken, a full block of a prompt is kept, and a prompt with the same beginning finds it there. This is vLLM's block
// pool, with two differences: sequences that compute the same block at once end up sharing it, where vLLM keeps both until one
// ends; and blocks of generated tokens grow old like the others but are never found, because nobody names them.

import { createFreeBlocks } from "./free-blocks.ts";
import type { KnownBlock } from "./free-blocks.ts";

/** How much of a prompt is there. */
export interface BlockMatch {
  /** Leading blocks of the prompt that are there. */
  matched: number;
  /** How many of them nobody uses at present: to use them takes free memory. */
  unused: number;
}

/** Memory in blocks. Callers look at `free` before they take. */
export interface BlockPool {
  readonly capacity: number;
  /** Blocks in use, a shared one counted once. */
  readonly used: number;
  /** Blocks not in use, the kept ones too. */
  readonly free: number;
  /** Takes private blocks, the oldest free ones. */
  take(count: number): void;
  /** Gives private blocks back. */
  give(count: number): void;
  /** How many of the first `limit` blocks are there. The result is reused by the next call. */
  match(blocks: readonly number[], limit: number): Readonly<BlockMatch>;
  /** Uses the first `count` blocks, which are all there, and notes them in `held`. */
  hold(blocks: readonly number[], count: number, held: KnownBlock[]): void;
  /** Makes the private blocks from `held.length` to `end` of a prompt known, so that others find them. */
  publish(blocks: readonly number[], end: number, held: KnownBlock[]): void;
  /** Stops using known blocks: they are kept, the end of the prompt to be taken first. Empties `held`. */
  release(held: KnownBlock[]): void;
}

/** Creates a memory of `capacity` blocks, all free. */
export function createBlockPool(capacity: number): BlockPool {
  /** Never more entries than there are blocks. */
  const known = new Map<number, KnownBlock>();
  const freeBlocks = createFreeBlocks(capacity, (block) => known.delete(block.id));
  const match: BlockMatch = { matched: 0, unused: 0 };

  const use = (block: KnownBlock): void => {
    if (block.users === 0) freeBlocks.remove(block);
    block.users += 1;
  };
  return {
    capacity,
    get used() {
      return capacity - freeBlocks.count;
    },
    get free() {
      return freeBlocks.count;
    },
    take: (count) => freeBlocks.take(count),
    give: (count) => freeBlocks.addUnnamed(count),
    match(blocks, limit) {
      const end = Math.min(limit, blocks.length);
      match.matched = 0;
      match.unused = 0;
      while (match.matched < end) {
        const block = known.get(blocks[match.matched] as number);
        if (block === undefined) break;
        match.matched += 1;
        if (block.users === 0) match.unused += 1;
      }
      return match;
    },
    hold(blocks, count, held) {
      for (let index = 0; index < count; index++) {
        const block = known.get(blocks[index] as number) as KnownBlock;
        use(block);
        held.push(block);
      }
    },
    publish(blocks, end, held) {
      for (let index = held.length; index < Math.min(end, blocks.length); index++) {
        const id = blocks[index] as number;
        let block = known.get(id);
        if (block === undefined) {
          block = { id, users: 1, previous: undefined, next: undefined };
          known.set(id, block);
        } else {
          use(block);
          freeBlocks.addUnnamed(1);
        }
        held.push(block);
      }
    },
    release(held) {
      for (let block = held.pop(); block !== undefined; block = held.pop()) {
        block.users -= 1;
        if (block.users === 0) freeBlocks.add(block);
      }
    },
  };
}
