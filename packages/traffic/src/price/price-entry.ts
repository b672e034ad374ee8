// A price as the project knows or the manifest gives it.
import type { ModelPrice } from "@flyball/core";

/** One price. */
export type PriceEntry = ModelPrice;

/** One price of the project's table. */
export interface ListedPrice extends PriceEntry {
  /** Where it was read. */
  readonly source: string;
  /** The day on which it was read there: `2026-11-23`. */
  readonly checkedOn: string;
}

/**
 * What a call is priced with. own: a service of the app, whose tokens cost nothing each. unknown: the provider asks for money and the
 * table does not say how much.
 */
export type Price = PriceEntry | "own" | "unknown";
