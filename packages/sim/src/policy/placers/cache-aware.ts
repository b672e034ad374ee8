// SGLang's cache_aware: while the counts of requests are far apart (by more than 64 and half as many again) the shortest queue; else the replica
// with the longest match if it is more than 0.3 of the prompt; else the one with the smallest tree.
import { PLAIN_PLACER, type CreatePlacer } from "../placer.ts";
import { chooseLeast } from "./least-score.ts";
import { createSentBlocks } from "./sent-blocks.ts";

const CACHE_THRESHOLD = 0.3;
const ABSOLUTE_GAP = 64;
const RELATIVE_GAP = 1.5;

/** With the gateway's own defaults. */
export const createCacheAware: CreatePlacer = (world, book) => {
  const sent = createSentBlocks(book.size, world.blockTokens);
  const { random } = world;
  return {
    ...PLAIN_PLACER,
    cachedTokens: (request, replica) => sent.matchedTokens(request, replica),
    choose(request, canTake) {
      let most = 0;
      let fewest = Number.POSITIVE_INFINITY;
      let longest = 0;
      for (let replica = 0; replica < book.size; replica += 1) {
        if (!canTake(replica)) continue;
        most = Math.max(most, book.active(replica));
        fewest = Math.min(fewest, book.active(replica));
        longest = Math.max(longest, sent.matchedTokens(request, replica));
      }
      const isUneven = most - fewest > ABSOLUTE_GAP && most > RELATIVE_GAP * fewest;
      if (isUneven) return chooseLeast(book.size, random, canTake, book.active);
      if (longest / request.inputTokens > CACHE_THRESHOLD) {
        return chooseLeast(book.size, random, canTake, (replica) => -sent.matchedTokens(request, replica));
      }
      return chooseLeast(book.size, random, canTake, sent.heldTokens);
    },
    sent: (request, replica) => sent.add(request, replica),
  };
};
