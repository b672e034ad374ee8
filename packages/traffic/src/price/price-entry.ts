// A price as the project knows or the manifest gives it, and the hours at which some providers ask more.
import type { ModelPrice, TokenRates } from "@flyball/core";

/** Rates at certain hours of the day. */
export interface PeakRates {
  /** From and to, in hours UTC; `to` is not inside. */
  readonly hoursUtc: readonly (readonly [from: number, to: number])[];
  /** Monday to Friday only. Holidays are not known here: on one the peak rates stand, which is never too little. */
  readonly isWeekdaysOnly: boolean;
  readonly rates: TokenRates;
}

/** One price. */
export interface PriceEntry extends ModelPrice {
  readonly peak?: PeakRates;
}

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
