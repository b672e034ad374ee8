import { NO_USAGE, type TokenUsage } from "@flyball/core";
import type { CachedBlocks } from "@flyball/traffic";
import { describe, expect, it } from "vitest";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Booking } from "./booking.ts";
import { learnCached } from "./learn-cached.ts";

const ENDPOINT = { id: "llm/0@1", seat: 0 } as Endpoint;

/** Of a prompt of 40 blocks, of which 32 were thought to be cached. */
function told(usage: Partial<TokenUsage>, seated: Endpoint = ENDPOINT): CachedBlocks | undefined {
  let counts: CachedBlocks | undefined;
  const prefixes = { blockTokens: 64, learn: (_seat: number, _blocks: unknown, said: CachedBlocks) => (counts = said) };
  const booking = {
    queue: { placer: { prefixes }, endpoints: [seated] },
    request: { blocks: Array.from({ length: 40 }, (_, index) => index) },
    cachedTokens: 32 * 64,
  } as unknown as Booking;
  learnCached(booking, ENDPOINT, { usage: { ...NO_USAGE, ...usage }, bodyBytes: 41 * 256 });
  return counts;
}

describe("what an answer tells of cached tokens", () => {
  it("is counted in blocks of this very prompt, whatever a token is in it", () => {
    // 100 tokens a block, and 50: of 41 blocks in the body.
    expect(told({ input: 900, cacheRead: 3_200 })).toEqual({ expected: 32, found: 32 });
    expect(told({ input: 1_050, cacheRead: 1_000 })).toEqual({ expected: 32, found: 20 });
    expect(told({ cacheRead: 500 })).toEqual({ expected: 32, found: 40 });
    expect(told({ input: 500 })).toEqual({ expected: 32, found: 0 });
  });

  it("is no word on an endpoint that has another seat by now, nor where no prompt was counted", () => {
    expect(told({ input: 900, cacheRead: 100 }, { ...ENDPOINT })).toBeUndefined();
    expect(told({})).toBeUndefined();
  });
});
