// Limits in the form in which they are given, which is the same in every language.
import { formatRate, type LimitPolicy } from "@flyball/core";

/** `requests 600/min`, `concurrency 20`, `budget 5usd/day`; an empty list for none. */
export function describeLimits(limits: LimitPolicy | undefined): readonly string[] {
  if (limits === undefined) return [];
  const { rates, concurrency, budgets } = limits;
  return [
    ...rates.map((rate) => `${rate.unit} ${formatRate(rate)}`),
    ...(concurrency === undefined ? [] : [`concurrency ${concurrency}`]),
    ...budgets.map(({ currency, microUnits, per }) => `budget ${microUnits / 1e6}${currency}/${per}`),
  ];
}
