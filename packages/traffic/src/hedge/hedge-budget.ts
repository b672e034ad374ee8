// What hedging may cost: a share of the calls. Each call brings its share of a token, each hedge takes a whole one, so hedges never
// exceed that share of all calls so far. At most ten are saved up: a quiet hour must not pay for a storm.

const MOST_SAVED = 10;

/** Tokens of one model in one worker; a share of the calls needs no division among workers. */
export interface HedgeBudget {
  tokens: number;
}

/** An empty budget. */
export function createHedgeBudget(): HedgeBudget {
  return { tokens: 0 };
}

/** A call came in. `costCap` is the share of calls that may be hedged (0–1). */
export function addCallToHedgeBudget(budget: HedgeBudget, costCap: number): void {
  budget.tokens = Math.min(MOST_SAVED, budget.tokens + costCap);
}

/** Takes a hedge; false when the budget is spent. */
export function takeHedge(budget: HedgeBudget): boolean {
  // Shares such as 0.05 do not add up to whole numbers exactly.
  if (budget.tokens < 1 - 1e-9) return false;
  budget.tokens = Math.max(0, budget.tokens - 1);
  return true;
}
