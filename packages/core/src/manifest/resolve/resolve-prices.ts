// Prices of a manifest as whole micro-units, and back. Decimals are read digit by digit.
import { contentHash } from "../../canonical-json.ts";
import type { ModelPrice, PeakRates, TokenRates } from "../../model-price.ts";
import type { PeakInput, PriceInput, PricesInput, RatesInput } from "../schema/prices.ts";
import { resolveDaySpans } from "./day-spans.ts";

const DECIMALS = 6;

/** All prices, sorted by provider, model and day. */
export function resolvePrices(input: PricesInput): ModelPrice[] {
  const prices = Object.entries(input).flatMap(([provider, models]) =>
    Object.entries(models).flatMap(([model, given]) =>
      (Array.isArray(given) ? given : [given]).map((price) => resolvePrice(provider, model, price)),
    ),
  );
  return prices.toSorted(
    (a, b) => order(a.provider, b.provider) || order(a.model, b.model) || a.validFrom - b.validFrom,
  );
}

/** `0.25` → 250000 micro-units. The text was checked by the schema. */
function parseAmount(amount: string | number): number {
  const [whole = "", fraction = ""] = String(amount).split(".");
  return Number(whole) * 10 ** DECIMALS + Number(fraction.padEnd(DECIMALS, "0").slice(0, DECIMALS));
}

/** 250000 micro-units → `0.25`. */
export function formatAmount(microUnits: number): string {
  const digits = String(microUnits).padStart(DECIMALS + 1, "0");
  return `${digits.slice(0, -DECIMALS)}.${digits.slice(-DECIMALS)}`.replace(/\.?0+$/, "");
}

function resolvePrice(provider: string, model: string, input: PriceInput): ModelPrice {
  const facts = {
    currency: input.currency,
    rates: resolveRates(input),
    longPrompt: (input.long_prompt ?? [])
      .map(({ above, ...rates }) => ({ aboveInputTokens: above, rates: resolveRates(rates) }))
      .toSorted((a, b) => a.aboveInputTokens - b.aboveInputTokens),
    ...(input.peak === undefined ? {} : { peak: resolvePeak(input.peak) }),
  };
  // Records name the price for years; one whose amounts were changed meanwhile is another one.
  const id = `manifest/${provider}/${model}${input.from === undefined ? "" : `@${input.from}`}#${contentHash(facts).slice(0, 8)}`;
  return { id, provider, model, validFrom: input.from === undefined ? 0 : Date.parse(input.from), ...facts };
}

function resolvePeak({ hours_utc: hours, weekdays_only: isWeekdaysOnly = false, ...rates }: PeakInput): PeakRates {
  return { minutesUtc: resolveDaySpans(hours), isWeekdaysOnly, rates: resolveRates(rates) };
}

function resolveRates(given: RatesInput): TokenRates {
  const input = parseAmount(given.input);
  const output = parseAmount(given.output);
  const or = (amount: string | number | undefined, otherwise: number): number =>
    amount === undefined ? otherwise : parseAmount(amount);
  const cacheWrite5m = or(given.cache_write, input);
  return {
    input,
    cacheRead: or(given.cached_input, input),
    cacheWrite5m,
    cacheWrite1h: or(given.cache_write_1h, cacheWrite5m),
    imageInput: or(given.image_input, input),
    output,
    reasoning: or(given.reasoning, output),
    ...(given.audio_input === undefined ? {} : { audioInput: parseAmount(given.audio_input) }),
    ...(given.audio_output === undefined ? {} : { audioOutput: parseAmount(given.audio_output) }),
    ...(given.output_with_reasoning === undefined
      ? {}
      : { outputWithReasoning: parseAmount(given.output_with_reasoning) }),
  };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
