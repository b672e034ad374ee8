// llm-d's default since August 2026: replicas that have 0.8 of the prompt keep it, unless their prompts in flight would take 18 s longer to
// read than elsewhere; among those left, the fewest prompt tokens in flight, this prompt's uncached ones included. Ties rotate.
import type { SimRequest } from "../../trace/trace-request.ts";
import { PLAIN_PLACER, type CreatePlacer } from "../placer.ts";
import { createSentBlocks } from "./sent-blocks.ts";

const AFFINITY = 0.8;
const MOST_PENALTY_MS = 18_000;

/** `peakTokensPerSecond`: prompt tokens that a replica reads in a second, as measured by the operator. */
export function createTokenAware(peakTokensPerSecond: number): CreatePlacer {
  return (world, book) => {
    const sent = createSentBlocks(book.size, world.blockTokens);
    let turn = 0;
    const readingMs = (replica: number): number => (book.prefillTokens(replica) / peakTokensPerSecond) * 1_000;
    const isWarm = (request: SimRequest, replica: number): boolean => {
      const full = request.blocks.length * world.blockTokens;
      return full > 0 && sent.matchedTokens(request, replica) >= AFFINITY * full;
    };
    return {
      ...PLAIN_PLACER,
      cachedTokens: (request, replica) => sent.matchedTokens(request, replica),
      choose(request, canTake) {
        let warmMs = Number.POSITIVE_INFINITY;
        let coldMs = Number.POSITIVE_INFINITY;
        for (let replica = 0; replica < book.size; replica += 1) {
          if (!canTake(replica)) continue;
          if (isWarm(request, replica)) warmMs = Math.min(warmMs, readingMs(replica));
          else coldMs = Math.min(coldMs, readingMs(replica));
        }
        const keepsWarm = warmMs < Number.POSITIVE_INFINITY && !(warmMs - coldMs > MOST_PENALTY_MS);
        turn += 1;
        let chosen = -1;
        let least = Number.POSITIVE_INFINITY;
        for (let step = 0; step < book.size; step += 1) {
          const replica = (turn + step) % book.size;
          if (!canTake(replica) || (keepsWarm && !isWarm(request, replica))) continue;
          const tokens = book.prefillTokens(replica) + request.inputTokens - sent.matchedTokens(request, replica);
          if (tokens >= least) continue;
          least = tokens;
          chosen = replica;
        }
        return chosen;
      },
      sent: (request, replica) => sent.add(request, replica),
    };
  };
}
