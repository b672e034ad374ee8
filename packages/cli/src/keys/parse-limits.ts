// The limits of a key as options: `--requests 600/min --tokens 1M/min --concurrency 20 --budget 5usd/day`.
import { type BudgetLimit, type LimitPolicy, NO_LIMITS, parseRate, type RateLimit } from "@flyball/core";
import type { CommandInput } from "../command-line/command-context.ts";
import { listOption, numberOption } from "../command-line/command-input.ts";
import { usageError } from "../messages/localised-error.ts";

const RATE = /^[1-9][0-9]{0,11}(?:k|M)?\/(?:s|min|h|day)$/;
const BUDGET = /^([0-9]{1,9}(?:\.[0-9]{1,6})?)(usd|cny)\/(day|week|month)$/i;

/** The policy; undefined when no option limits anything. FB_CLI_USAGE for a form that is not understood. */
export function parseLimits(input: CommandInput): LimitPolicy | undefined {
  const rates = [...ratesOf(input, "requests"), ...ratesOf(input, "tokens")];
  const concurrency = numberOption(input, "concurrency", { min: 1, max: 1_000_000 });
  const budgets = listOption(input, "budget").map(parseBudget);
  if (rates.length === 0 && concurrency === undefined && budgets.length === 0) return undefined;
  return { ...NO_LIMITS, rates, budgets, ...(concurrency === undefined ? {} : { concurrency }) };
}

function ratesOf(input: CommandInput, unit: RateLimit["unit"]): readonly RateLimit[] {
  return listOption(input, unit).map((text) => {
    if (!RATE.test(text))
      throw usageError("usage.rate", { what: `--${unit}`, seen: text }, "flyball keys create --help");
    return { unit, ...parseRate(text) };
  });
}

function parseBudget(text: string): BudgetLimit {
  const [, amount = "0", currency = "", per = ""] = BUDGET.exec(text) ?? [];
  const microUnits = Math.round(Number(amount) * 1e6);
  if (microUnits < 1) throw usageError("usage.budget", { seen: text }, "flyball keys create --help");
  return {
    currency: currency.toLowerCase() as BudgetLimit["currency"],
    microUnits,
    per: per.toLowerCase() as BudgetLimit["per"],
  };
}
