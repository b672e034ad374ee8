// What a provider asks for the tokens of a model, from a date on. Plain data: the project's own table and the prices of a manifest have
// this one form. Money is whole numbers of micro-units, never a fraction.
import type { Currency } from "./limit-policy.ts";

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

/** Other rates at certain hours of the day, dearer or cheaper. */
export interface PeakRates {
  /** From and to, in minutes of the day in UTC (0 to 1440); `to` is not inside. */
  readonly minutesUtc: readonly (readonly [from: number, to: number])[];
  /** Monday to Friday in UTC only. Holidays are not known here: on one the peak rates stand. */
  readonly isWeekdaysOnly: boolean;
  readonly rates: TokenRates;
}

/** One price. */
export interface ModelPrice {
  /** Stable: records name it. `openai/gpt-5-mini@2025-08-07`. */
  readonly id: string;
  /** As the manifest names it. */
  readonly provider: string;
  /** Name of the model; one with a date or version after it is meant too (`-2025-08-07`, `-0905`), a final `*` stands for any rest. */
  readonly model: string;
  readonly currency: Currency;
  /** Wall milliseconds from which it is asked; 0: always. */
  readonly validFrom: number;
  readonly rates: TokenRates;
  /** Ascending. */
  readonly longPrompt: readonly LongPromptRates[];
  /** Absent: the same at every hour. Calls with a long prompt have their own rates at every hour. */
  readonly peak?: PeakRates;
}
