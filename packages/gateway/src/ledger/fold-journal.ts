// What the tail of one writer's journal says: which calls are open, what was spent of each budget, what counted in the rates since a
// time. Pure.
import type { JournalLine, LimitShare, ReserveLine } from "@flyball/core";
import type { JournalTail } from "./read-journal-tail.ts";

/** What was spent of a budget in the period that began then. */
export interface SpentBudget {
  readonly amount: number;
  readonly periodStart: number;
}

/** Spending by the id of the limit. */
export type SpentBudgets = Map<string, SpentBudget>;

/** Something that counted in a rate: at that wall time, so much; negative for what was given back. */
export interface RateCount {
  readonly limitId: string;
  readonly at: number;
  readonly amount: number;
}

/** One writer's calls. */
export interface FoldedJournal {
  /** By the ledger's id. */
  readonly open: ReadonlyMap<string, ReserveLine>;
  readonly spent: SpentBudgets;
  readonly rates: readonly RateCount[];
}

/** Folds a tail. `ratesSince`: what was counted before is known from elsewhere. */
export function foldJournal({ lines, sumsAt }: JournalTail, ratesSince: number): FoldedJournal {
  const open = new Map<string, ReserveLine>();
  const spent: SpentBudgets = new Map();
  const sums = lines[sumsAt];
  if (sums?.type === "sums") {
    for (const [limitId, amount, periodStart] of sums.spent) spent.set(limitId, { amount, periodStart });
    for (const line of lines.slice(sumsAt - sums.openLines, sumsAt)) apply(line, open, spent);
  }
  for (const line of lines.slice(sumsAt + 1)) apply(line, open, spent);
  return { open, spent, rates: countRates(lines, ratesSince) };
}

/** Adds one budget to others: a later period stands alone, the same one adds up, an earlier one is past. */
export function addSpent(spent: SpentBudgets, limitId: string, { amount, periodStart }: SpentBudget): void {
  const known = spent.get(limitId);
  if (known === undefined || known.periodStart < periodStart) spent.set(limitId, { amount, periodStart });
  else if (known.periodStart === periodStart) spent.set(limitId, { amount: known.amount + amount, periodStart });
}

/** Adds the budgets among the shares of a call. */
export function addShares(spent: SpentBudgets, shares: readonly LimitShare[]): void {
  for (const [limitId, amount, periodStart] of shares) {
    if (periodStart !== undefined) addSpent(spent, limitId, { amount, periodStart });
  }
}

function apply(line: JournalLine, open: Map<string, ReserveLine>, spent: SpentBudgets): void {
  if (line.type === "reserve") open.set(line.id, line);
  if (line.type !== "settle") return;
  open.delete(line.record.id);
  addShares(spent, line.limits);
}

/** Each call counts once, at its newest line; one that was reserved earlier only gives back what it did not use. */
function countRates(lines: readonly JournalLine[], since: number): readonly RateCount[] {
  const reserved = new Map<string, ReserveLine>();
  const settled = new Set<string>();
  const counts: RateCount[] = [];
  const add = (shares: readonly LimitShare[], at: number, sign: 1 | -1): void => {
    for (const [limitId, amount, periodStart] of shares) {
      if (periodStart === undefined) counts.push({ limitId, at, amount: sign * amount });
    }
  };
  for (const line of lines) {
    if (line.type === "reserve") reserved.set(line.id, line);
    if (line.type !== "settle" || settled.has(line.record.id)) continue;
    settled.add(line.record.id);
    const before = reserved.get(line.record.id);
    if (line.reservedAt >= since) add(line.limits, line.reservedAt, 1);
    else if (line.at >= since && before) {
      add(line.limits, line.reservedAt, 1);
      add(before.limits, line.reservedAt, -1);
    }
  }
  for (const [id, line] of reserved) if (!settled.has(id) && line.at >= since) add(line.limits, line.at, 1);
  return counts;
}
