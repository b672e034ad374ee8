// Rates, requests at once and money as numbers.
import { NO_LIMITS, type BudgetLimit, type LimitPolicy, type RateLimit } from "../../limit-policy.ts";
import type { BudgetInput, LimitsInput } from "../schema/limits.ts";

const WINDOW_MS: Readonly<Record<string, number>> = { s: 1_000, min: 60_000, h: 3_600_000, day: 86_400_000 };
const FACTORS: Readonly<Record<string, number>> = { "": 1, k: 1_000, M: 1_000_000 };

/** The policy; undefined when nothing is limited. */
export function resolveLimitPolicy(
  limits: LimitsInput | undefined,
  budget: BudgetInput | undefined,
): LimitPolicy | undefined {
  if (limits === undefined && budget === undefined) return undefined;
  const budgets = budget === undefined ? [] : Array.isArray(budget) ? budget : [budget];
  return {
    rates: [...readRates("requests", limits?.requests), ...readRates("tokens", limits?.tokens)],
    ...(limits?.concurrency === undefined ? {} : { concurrency: limits.concurrency }),
    budgets: budgets.flatMap(({ usd, cny, per }): BudgetLimit[] => {
      if (usd !== undefined) return [{ currency: "usd", microUnits: Math.round(usd * 1e6), per }];
      return cny === undefined ? [] : [{ currency: "cny", microUnits: Math.round(cny * 1e6), per }];
    }),
    ratesOnStoreLoss: limits?.on_store_loss ?? NO_LIMITS.ratesOnStoreLoss,
    budgetsOnStoreLoss: budgets.every(({ on_store_loss }) => on_store_loss === "local-share")
      ? (budgets[0]?.on_store_loss ?? NO_LIMITS.budgetsOnStoreLoss)
      : "refuse",
  };
}

/** `1M/day` → 1000000 in 86400000 ms. The text was checked by the schema. */
export function parseRate(text: string): { readonly limit: number; readonly windowMs: number } {
  const match = /^([0-9]+)(k|M)?\/(s|min|h|day)$/.exec(text);
  const windowMs = WINDOW_MS[match?.[3] ?? ""];
  if (match === null || windowMs === undefined) throw new RangeError(`not a rate: ${text}`);
  return { limit: Number(match[1]) * (FACTORS[match[2] ?? ""] ?? 1), windowMs };
}

/** 1000000 in 86400000 ms → `1M/day`. */
export function formatRate({ limit, windowMs }: RateLimit): string {
  const span = Object.entries(WINDOW_MS).find(([, length]) => length === windowMs)?.[0] ?? `${windowMs}ms`;
  const factor = Object.entries(FACTORS).findLast(([, size]) => limit >= size && limit % size === 0) ?? ["", 1];
  return `${limit / factor[1]}${factor[0]}/${span}`;
}

function readRates(unit: RateLimit["unit"], rates: string | readonly string[] | undefined): RateLimit[] {
  if (rates === undefined) return [];
  return (typeof rates === "string" ? [rates] : rates).map((text) => ({ unit, ...parseRate(text) }));
}
