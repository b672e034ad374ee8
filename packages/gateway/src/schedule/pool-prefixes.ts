// The prefix index of one pool, as its scheduler asks for it: seats in place of slots.
import type { PrefixIndex } from "@flyball/traffic";
import { BLOCK_BYTES } from "./prompt-blocks.ts";
import type { PoolBook } from "./pool-book.ts";
import type { SharedPrefixes } from "./shared-prefixes.ts";

/** Tokens of a block of English text. */
const TOKENS_PER_BYTE = 0.25;

/** Wraps the shared index for the seats of a pool's book. */
export function createPoolPrefixes(shared: SharedPrefixes, { seats }: Pick<PoolBook, "seats">): PrefixIndex {
  const blockTokens = BLOCK_BYTES * TOKENS_PER_BYTE;
  return {
    blockTokens,
    match(seat, blocks) {
      const slot = seats[seat];
      return slot === undefined ? 0 : shared.match(slot, blocks);
    },
    findKnowing: (blocks, all, count, found) => shared.findKnowing(blocks, { seats, all, count, found }),
    add(seat, blocks) {
      const slot = seats[seat];
      if (slot !== undefined && blocks.length > 0) shared.add(slot, blocks);
    },
    learn(seat, blocks, told) {
      const slot = seats[seat];
      if (slot !== undefined) shared.learn(slot, blocks, told);
    },
    // Whoever is new in a slot has another generation, and knows nothing by that.
    forget: () => undefined,
  };
}
