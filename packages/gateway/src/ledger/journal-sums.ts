// What a journal's writer knows without reading: the calls that it has open and what it has spent of each budget. Written into the
// journal now and then, so that a replay reads a short tail and not a month.
import { frameJournalLine, JOURNAL_VERSION, type SumsLine } from "@flyball/core";

/** Makes the JSON of a call's reserve line. One function for all calls of a writer: nothing is closed over per call. */
export type ReserveJson<Call> = (call: Call) => string;

/** Kept per writer. Open calls are bounded by the reservations of a worker, budgets by the limits of the snapshot. */
export interface JournalSums {
  /** A call has reserved, or reserves more: its line is to be made when lines are written next, if it is open then. */
  opened<Call>(id: string, call: Call, json: ReserveJson<Call>): void;
  closed(id: string): void;
  readonly hasUnwritten: boolean;
  /** The reserve lines of the calls that have reserved since the last time and are open. */
  takeUnwritten(): string;
  /** Adds to what was spent of a budget; a later period begins at nothing, an earlier one is past and ignored. */
  spend(limitId: string, amount: number, periodStart: number): void;
  /** All of it as lines: the reserve lines of the open calls, then the sums. */
  block(at: number): string;
}

interface OpenCall {
  readonly call: unknown;
  readonly json: ReserveJson<never>;
  /** Made once. */
  line: string | undefined;
}

/** Budgets kept at once; past this the one that was touched longest ago is forgotten, and control's sums stand in for it. */
const MAX_BUDGETS = 20_000;

/** Empty sums. */
export function createJournalSums(): JournalSums {
  const open = new Map<string, OpenCall>();
  const unwritten = new Map<string, OpenCall>();
  const budgets = new Map<string, { amount: number; periodStart: number }>();
  return {
    opened(id, call, json) {
      const entry: OpenCall = { call, json, line: undefined };
      open.set(id, entry);
      unwritten.set(id, entry);
    },
    closed(id) {
      open.delete(id);
      unwritten.delete(id);
    },
    get hasUnwritten() {
      return unwritten.size > 0;
    },
    takeUnwritten() {
      const lines = [...unwritten.values()].map(lineOf).join("");
      unwritten.clear();
      return lines;
    },
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
      return [...open.values()].map(lineOf).join("") + frameJournalLine(JSON.stringify(sums));
    },
  };
}

function lineOf(entry: OpenCall): string {
  return (entry.line ??= frameJournalLine(entry.json(entry.call as never)));
}
