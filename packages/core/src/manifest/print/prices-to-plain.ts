// Prices written back: by provider and model, every amount named, as decimal text.
import type { ModelPrice, TokenRates } from "../../model-price.ts";
import { formatDaySpan } from "../resolve/day-spans.ts";
import { formatAmount } from "../resolve/resolve-prices.ts";

type Plain = Record<string, unknown>;

const KEYS: readonly (readonly [part: keyof TokenRates, key: string])[] = [
  ["input", "input"],
  ["cacheRead", "cached_input"],
  ["cacheWrite5m", "cache_write"],
  ["cacheWrite1h", "cache_write_1h"],
  ["imageInput", "image_input"],
  ["audioInput", "audio_input"],
  ["output", "output"],
  ["reasoning", "reasoning"],
  ["outputWithReasoning", "output_with_reasoning"],
  ["audioOutput", "audio_output"],
];

/** `prices` of a manifest. */
export function pricesToPlain(prices: readonly ModelPrice[]): Plain {
  const byProvider = Object.groupBy(prices, ({ provider }) => provider);
  return Object.fromEntries(
    Object.entries(byProvider).map(([provider, own = []]) => {
      const byModel = Object.groupBy(own, ({ model }) => model);
      const models = Object.entries(byModel).map(([model, given = []]) => [model, given.map(priceToPlain)] as const);
      return [provider, Object.fromEntries(models)];
    }),
  );
}

function priceToPlain({ currency, validFrom, rates, longPrompt, peak }: ModelPrice): Plain {
  return {
    currency,
    ...(validFrom === 0 ? {} : { from: new Date(validFrom).toISOString().slice(0, 10) }),
    ...ratesToPlain(rates),
    ...(longPrompt.length === 0
      ? {}
      : {
          long_prompt: longPrompt.map(({ aboveInputTokens, rates: longer }) => {
            return { above: aboveInputTokens, ...ratesToPlain(longer) };
          }),
        }),
    ...(peak === undefined
      ? {}
      : {
          peak: {
            hours_utc: peak.minutesUtc.map(formatDaySpan),
            weekdays_only: peak.isWeekdaysOnly,
            ...ratesToPlain(peak.rates),
          },
        }),
  };
}

function ratesToPlain(rates: TokenRates): Plain {
  return Object.fromEntries(
    KEYS.flatMap(([part, key]) => {
      const amount = rates[part];
      return amount === undefined ? [] : [[key, formatAmount(amount)]];
    }),
  );
}
