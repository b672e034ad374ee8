// Money of one calendar period in plain numbers, so that it can stand in shared memory: what was spent and what is reserved for calls in
// flight. Amounts are integer micro-units. The owner sets the period; a later one begins with nothing spent, reservations stay.

const LIMIT = 0;
const PERIOD_START = 1;
const PERIOD_END = 2;
const SPENT = 3;
const RESERVED = 4;

/** Numbers that one budget takes. */
export const BUDGET_WINDOW_CELLS = 5;

/** Where a budget's numbers begin. */
export interface BudgetPlace {
  readonly cells: Float64Array;
  readonly at: number;
}

/** Sets the limit, and the period when it is another one; a period before the current one is ignored (a clock that went back). */
export function setBudget({ cells, at }: BudgetPlace, limit: number, period: { start: number; end: number }): void {
  cells[at + LIMIT] = limit;
  if (period.start <= read(cells, at + PERIOD_START)) return;
  cells[at + PERIOD_START] = period.start;
  cells[at + PERIOD_END] = period.end;
  cells[at + SPENT] = 0;
}

/** Whether the amount fits beside what was spent and reserved. */
export function fitsBudget({ cells, at }: BudgetPlace, amount: number): boolean {
  return read(cells, at + SPENT) + read(cells, at + RESERVED) + amount <= read(cells, at + LIMIT);
}

/** Reserves the amount, or gives it back when it is negative. */
export function reserveBudget({ cells, at }: BudgetPlace, amount: number): void {
  cells[at + RESERVED] = Math.max(0, read(cells, at + RESERVED) + amount);
}

/** Adds to what was spent; it may go above the limit, because it was used. */
export function spendBudget({ cells, at }: BudgetPlace, amount: number): void {
  cells[at + SPENT] = read(cells, at + SPENT) + amount;
}

/** Sets what was spent in the current period, from a journal or a store. */
export function restoreBudget({ cells, at }: BudgetPlace, spent: number): void {
  cells[at + SPENT] = spent;
}

/** What stands there now. */
export function readBudget({ cells, at }: BudgetPlace): {
  readonly limit: number;
  readonly spent: number;
  readonly reserved: number;
  readonly periodStart: number;
  readonly periodEnd: number;
} {
  return {
    limit: read(cells, at + LIMIT),
    spent: read(cells, at + SPENT),
    reserved: read(cells, at + RESERVED),
    periodStart: read(cells, at + PERIOD_START),
    periodEnd: read(cells, at + PERIOD_END),
  };
}

function read(cells: Float64Array, index: number): number {
  return cells[index] as number;
}
