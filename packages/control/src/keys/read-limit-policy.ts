// Limits that came over the API, checked: a policy that the gateway's counters cannot hold must not get into a snapshot.
import {
  FlyballError,
  NO_LIMITS,
  type BudgetLimit,
  type LimitPolicy,
  type OnStoreLoss,
  type RateLimit,
} from "@flyball/core";

const WINDOWS_MS: ReadonlySet<unknown> = new Set([1_000, 60_000, 3_600_000, 86_400_000]);
const MAX_ENTRIES = 20;

/** The policy; FB_CONTROL_BAD_REQUEST. */
export function readLimitPolicy(value: unknown): LimitPolicy {
  const { rates = [], budgets = [], concurrency, ratesOnStoreLoss, budgetsOnStoreLoss } = fieldsOf(value, "limits");
  return {
    rates: entriesOf(rates, "rates").map(readRate),
    ...(concurrency === undefined ? {} : { concurrency: amountOf(concurrency, "concurrency", 1_000_000) }),
    budgets: entriesOf(budgets, "budgets").map(readBudget),
    ratesOnStoreLoss: onStoreLoss(ratesOnStoreLoss, NO_LIMITS.ratesOnStoreLoss),
    budgetsOnStoreLoss: onStoreLoss(budgetsOnStoreLoss, NO_LIMITS.budgetsOnStoreLoss),
  };
}

function readRate(value: unknown): RateLimit {
  const { unit, limit, windowMs } = fieldsOf(value, "a rate");
  if (unit !== "requests" && unit !== "tokens") throw bad("the unit of a rate is requests or tokens");
  if (!WINDOWS_MS.has(windowMs)) throw bad("the window of a rate is a second, a minute, an hour or a day");
  return { unit, limit: amountOf(limit, "the limit of a rate", 1e15), windowMs: windowMs as number };
}

function readBudget(value: unknown): BudgetLimit {
  const { currency, microUnits, per } = fieldsOf(value, "a budget");
  if (currency !== "usd" && currency !== "cny") throw bad("the currency of a budget is usd or cny");
  if (per !== "day" && per !== "week" && per !== "month") throw bad("a budget is per day, week or month");
  return { currency, microUnits: amountOf(microUnits, "the amount of a budget", 1e15), per };
}

function fieldsOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad(`${what} must be an object`);
  return value as Readonly<Record<string, unknown>>;
}

function entriesOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value) || value.length > MAX_ENTRIES)
    throw bad(`${what} must be a list of at most ${MAX_ENTRIES}`);
  return value;
}

function amountOf(value: unknown, what: string, most: number): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 1 && value <= most) return value;
  throw bad(`${what} must be a whole number from 1 to ${most}`);
}

function onStoreLoss(value: unknown, otherwise: OnStoreLoss): OnStoreLoss {
  if (value === undefined) return otherwise;
  if (value === "local-share" || value === "refuse") return value;
  throw bad("what happens without the shared store is local-share or refuse");
}

function bad(reason: string): FlyballError {
  return new FlyballError("FB_CONTROL_BAD_REQUEST", { reason });
}
