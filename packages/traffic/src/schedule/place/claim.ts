// A claim: one request, first in order and too large for every room that came up, keeps an endpoint free for itself until it fits. Without
// it small requests would take each bit of room as it appears, and a large one would wait for ever. One claim a pool at a time, because
// an endpoint that is kept free does less work meanwhile.
import type { EndpointBook } from "../book/endpoint-book.ts";

/** The claim of a pool; changed in place. */
export interface Claim {
  /** −1: there is none. */
  slot: number;
  endpoint: number;
}

/** No claim. */
export function createClaim(): Claim {
  return { slot: -1, endpoint: -1 };
}

/** Ends it. */
export function dropClaim(claim: Claim): void {
  claim.slot = -1;
  claim.endpoint = -1;
}

/** The endpoint that has least to get rid of until these amounts fit; −1: none is serving. */
export function endpointToClaim(book: EndpointBook, prefillTokens: number, kvTokens: number): number {
  let chosen = -1;
  let least = Number.POSITIVE_INFINITY;
  for (let endpoint = 0; endpoint < book.size; endpoint += 1) {
    if (!book.limits(endpoint).isServing) continue;
    const missing = missingShare(book, endpoint, prefillTokens, kvTokens);
    if (missing < least) {
      least = missing;
      chosen = endpoint;
    }
  }
  return chosen;
}

/** What has to go first, as a share of what the endpoint holds at most. Memory goes as answers end, prompts within some steps. */
function missingShare(book: EndpointBook, endpoint: number, prefillTokens: number, kvTokens: number): number {
  const { activeCap, prefillTokenCap, kvTokenCap } = book.limits(endpoint);
  const kvInUse = book.kvTokens(endpoint);
  const prefillInUse = book.prefillTokens(endpoint);
  const missingKv = kvTokens > kvTokenCap ? kvInUse : Math.max(0, kvInUse + kvTokens - kvTokenCap);
  const missingPrefill =
    prefillTokens > prefillTokenCap ? prefillInUse : Math.max(0, prefillInUse + prefillTokens - prefillTokenCap);
  const missingSlots = Math.max(0, book.active(endpoint) + 1 - activeCap);
  return missingKv / kvTokenCap + missingSlots / activeCap + (PROMPT_SHARE * missingPrefill) / prefillTokenCap;
}

/** A full prompt budget is worth this much of a full memory. */
const PROMPT_SHARE = 0.02;
