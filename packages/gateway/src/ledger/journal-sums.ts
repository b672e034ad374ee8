// What a journal's writer knows without reading: the calls that it has open and what it has spent of each budget. Written into the
// journal now and then, so that a replay reads a short tail and not a month.
import { frameJournalLine, JOURNAL_VERSION, type SumsLine } from "@flyball/core";

/** Kept per writer. Open calls are bounded by the reservations of a worker, budgets by the limits of the snapshot. */
export interface JournalSums {
  /** A call's newest reserve line, framed. */
  opened(request: string, line: string): void;
  closed(request: string): void;
  /** Adds to what was spent of a budget; a later period begins at nothing, an earlier one is past and ignored. */
  spend(limitId: string, amount: number, periodStart: number): void;
  /** All of it as lines: the reserve lines of the open calls, then the sums. */
  block(at: number): string;
}

/** Budgets kept at once; past this the one that was touched longest ago is forgotten, and control's sums stand in for it. */
const MAX_BUDGETS = 20_000;

/** Empty sums. */
export function createJournalSums(): JournalSums {
  const open = new Map<string, string>();
  const budgets = new Map<string, { amount: number; periodStart: number }>();
  return {
    opened: (request, line) => void open.set(request, line),
    closed: (request) => void open.delete(request),
    spend(limitId, amount, periodStart) {
      const known = budgets.get(limitId);
      if (known === undefined) {
        if (budgets.size >= MAX_BUDGETS) budgets.delete(budgets.keys().next().value as string);
        budgets.set(limitId, { amount, periodStart });
      } else if (known.periodStart === periodStart) known.amount += amount;
      else if (known.periodStart < periodStart) {
        known.amount = amount;
        known.periodStart = periodStart;
      }
    },
    block(at) {
      const spent = [...budgets].map(([limitId, { amount, periodStart }]) => [limitId, amount, periodStart] as const);
      const sums: SumsLine = { v: JOURNAL_VERSION, type: "sums", at, openLines: open.size, spent };
      return [...open.values()].join("") + frameJournalLine(JSON.stringify(sums));
    },
  };
}
