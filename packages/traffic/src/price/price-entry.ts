// What a provider asks for the tokens of a model, from a date on. Plain data, so that the project's table and a user's own prices have
// one form.
import type { Currency } from "@flyball/core";

/** Micro-units of the currency for a million tokens of each part of a usage: 1 USD is 1,000,000. Whole numbers. */
export interface TokenRates {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly imageInput: number;
  readonly output: number;
  readonly reasoning: number;
  /** Absent: the provider names no price; a call that used such tokens has an unknown cost. */
  readonly audioInput?: number;
  readonly audioOutput?: number;
  /** Price of the visible output of a call that reasoned, where it differs (Qwen in thinking mode). */
  readonly outputWithReasoning?: number;
}

/** Rates for the whole call when all that came in, cached or not, is more than `aboveInputTokens`. */
export interface LongPromptRates {
  readonly aboveInputTokens: number;
  readonly rates: TokenRates;
}

/** Rates at certain hours of the day. */
export interface PeakRates {
  /** From and to, in hours UTC; `to` is not inside. */
  readonly hoursUtc: readonly (readonly [from: number, to: number])[];
  /** Monday to Friday only. Holidays are not known here: on one the peak rates stand, which is never too little. */
  readonly isWeekdaysOnly: boolean;
  readonly rates: TokenRates;
}

/** One price. */
export interface PriceEntry {
  /** Stable: records name it. `openai/gpt-5-mini@2025-08-07`. */
  readonly id: string;
  /** As the manifest names it. */
  readonly provider: string;
  /** Name of the model; one with a date or version after it is meant too (`-2025-08-07`, `-0905`), a final `*` stands for any rest. */
  readonly model: string;
  readonly currency: Currency;
  /** Wall milliseconds from which it is asked. */
  readonly validFrom: number;
  readonly rates: TokenRates;
  /** Ascending. */
  readonly longPrompt: readonly LongPromptRates[];
  readonly peak?: PeakRates;
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
