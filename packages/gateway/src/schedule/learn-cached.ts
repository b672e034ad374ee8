// What an answer says of cached tokens, told to the prefix index. The blocks of its prompt are those that it was placed by: nothing is hashed anew.
import { inputTokens, type TokenUsage } from "@flyball/core";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Booking } from "./booking.ts";
import { BLOCK_BYTES } from "./prompt-blocks.ts";

/** An attempt has ended. `usage`: what its endpoint reported; `bodyBytes`: of the call, whose text is the prompt. */
export function learnCached(
  { queue, request: { blocks }, cachedTokens }: Booking,
  endpoint: Endpoint,
  { usage, bodyBytes }: { readonly usage: TokenUsage; readonly bodyBytes: number },
): void {
  const { prefixes } = queue.placer;
  // Its seat may be another one's by now.
  if (prefixes === undefined || blocks.length === 0 || queue.endpoints[endpoint.seat] !== endpoint) return;
  const blockTokens = (inputTokens(usage) * BLOCK_BYTES) / bodyBytes;
  if (!(blockTokens > 0)) return;
  prefixes.learn(endpoint.seat, blocks, {
    expected: Math.min(blocks.length, Math.round(cachedTokens / prefixes.blockTokens)),
    found: Math.min(blocks.length, Math.round(usage.cacheRead / blockTokens)),
  });
}
