// Who goes next: one rule a file in rules/. Rules are keys, lower first; where a key depends on the time waited it is computed anew.
import type { SimRequest } from "../trace/trace-request.ts";
import type { Need } from "./memory-forecast.ts";
import type { SizeEstimate } from "./sizers/sizer.ts";

/** A request that waits. */
export interface Waiting {
  readonly request: SimRequest;
  readonly since: number;
  readonly estimate: SizeEstimate;
  /** Memory that it will need. */
  readonly need: Need;
  /** Prompt tokens that no cache is expected to hold, at the arrival. */
  readonly uncachedTokens: number;
  /** Of a rule whose keys do not change. */
  key: number;
}

/** A rule of ordering. */
export interface OrderRule {
  keyOf(waiting: Waiting, now: number): number;
  /** The key changes while it waits. */
  readonly isDynamic: boolean;
  /** One dispatch in so many goes to the oldest; 0: none. */
  readonly oldestEvery?: number;
}
