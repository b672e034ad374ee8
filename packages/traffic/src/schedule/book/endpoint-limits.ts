// What one endpoint can bear. Learned or configured outside; the scheduler only keeps to it.
import type { WorkRates } from "../../work/work-rates.ts";

/** No limit of this kind: a plain service has neither prompts nor KV cache. */
export const NO_LIMIT = 0x7fff_ffff;

/** The limits of one endpoint. Counts and tokens are whole numbers below 2³¹. */
export interface EndpointLimits {
  /** Requests at once; 0: other gateways have all of its slots. */
  readonly activeCap: number;
  /** Uncached prompt tokens at once, about two chunks; a larger prompt goes where none is being read. `NO_LIMIT` for none. */
  readonly prefillTokenCap: number;
  /** Tokens of KV memory at the peak to come; a larger request goes where nothing runs. `NO_LIMIT` for none. */
  readonly kvTokenCap: number;
  /** The user's weight (> 0). */
  readonly weight: number;
  /** While it is new: the share of its slots and of its weight that it has (0–1]; absent: all of them. */
  readonly startShare?: number;
  /** What its work costs in ms. */
  readonly rates: WorkRates;
  /** Whether it gets new requests. */
  readonly isServing: boolean;
}

/** Slots of an endpoint that has so much of them; never none. */
export function slotsOf(activeCap: number, share: number): number {
  return share === 1 ? activeCap : Math.min(activeCap, Math.max(1, Math.floor(activeCap * share)));
}
