// Puts what a replay found, and what control knows, into the limits of a gateway that starts.
import type { BudgetLimit, KnownSpending } from "@flyball/core";
import { calendarPeriod } from "@flyball/traffic";
import type { Replayed } from "./replay.ts";
import type { RateSteps } from "./rates-file.ts";

/** What can be restored; the registry of the limits. */
export interface LimitRestorer {
  restoreSpent(limitId: string, spent: number): void;
  /** Counts in a rate, ascending in time, none of them in the future. */
  restoreRate(limitId: string, steps: RateSteps): void;
}

/**
 * Restores every budget of a current period and every rate. `known` is what control has summed, for a machine without a journal. Of journal and control the larger sum stands: each may lack something.
 */
export function restoreLimits(
  restorer: LimitRestorer,
  replayed: Replayed,
  options: { readonly timeZone: string; readonly now: number; readonly known: readonly KnownSpending[] },
): void {
  const { timeZone, now, known } = options;
  const most = new Map<string, number>();
  const isCurrent = (limitId: string, periodStart: number): boolean => {
    const per = /\/(day|week|month)$/.exec(limitId)?.[1] as BudgetLimit["per"] | undefined;
    return per !== undefined && calendarPeriod(per, timeZone, now).start === periodStart;
  };
  for (const [limitId, { amount, periodStart }] of replayed.spent) {
    if (isCurrent(limitId, periodStart)) most.set(limitId, amount);
  }
  for (const { limitId, spent, periodStart } of known) {
    if (isCurrent(limitId, periodStart)) most.set(limitId, Math.max(spent, most.get(limitId) ?? 0));
  }
  for (const [limitId, spent] of most) restorer.restoreSpent(limitId, spent);
  for (const [limitId, steps] of rateSteps(replayed, now)) restorer.restoreRate(limitId, steps);
}

/** The counts of each rate in the steps of its window (a sixtieth), as far as the window still reaches. */
export function rateSteps({ ratesDump, rateCounts }: Replayed, now: number): ReadonlyMap<string, RateSteps> {
  const rates = new Map<string, Map<number, number>>();
  const add = (limitId: string, at: number, amount: number): void => {
    const windowMs = Number(/\/(\d+)$/.exec(limitId)?.[1] ?? 0);
    const stepMs = windowMs / STEPS;
    if (stepMs === 0 || at < now - windowMs - stepMs) return;
    const step = Math.floor(Math.min(at, now) / stepMs) * stepMs;
    let steps = rates.get(limitId);
    if (!steps) rates.set(limitId, (steps = new Map()));
    steps.set(step, (steps.get(step) ?? 0) + amount);
  };
  for (const [limitId, steps] of ratesDump?.rates ?? []) for (const [at, amount] of steps) add(limitId, at, amount);
  for (const { limitId, at, amount } of rateCounts) add(limitId, at, amount);
  return new Map(
    [...rates].map(([limitId, steps]) => [
      limitId,
      [...steps].filter(([, amount]) => amount > 0).toSorted(([left], [right]) => left - right),
    ]),
  );
}

/** Of a rate's window, as in traffic/limit. */
const STEPS = 60;
