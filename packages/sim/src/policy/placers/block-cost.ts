// Dynamo's cost: blocks of prompts that are yet to be read on the worker, with this request's own, less what its cache has; plus blocks that
// its requests hold. The least cost wins; ties at random. The router counts both itself.
import { PLAIN_PLACER, type CreatePlacer } from "../placer.ts";
import { chooseLeast } from "./least-score.ts";
import { createSentBlocks } from "./sent-blocks.ts";

const BLOCK_TOKENS = 16;

/** With overlap weight 1, temperature 0 and without tracking output blocks, as it ships. */
export const createBlockCost: CreatePlacer = (world, book) => {
  const sent = createSentBlocks(book.size, world.blockTokens);
  return {
    ...PLAIN_PLACER,
    cachedTokens: (request, replica) => sent.matchedTokens(request, replica),
    choose: (request, canTake) =>
      chooseLeast(book.size, world.random, canTake, (replica) => {
        const uncached = request.inputTokens - sent.matchedTokens(request, replica);
        const prefillBlocks = (book.prefillTokens(replica) + uncached) / BLOCK_TOKENS;
        const decodeBlocks = (book.promptTokens(replica) + request.inputTokens) / BLOCK_TOKENS;
        return prefillBlocks + decodeBlocks;
      }),
    sent: (request, replica) => sent.add(request, replica),
  };
};
