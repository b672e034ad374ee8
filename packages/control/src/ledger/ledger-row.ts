// A row of the ledger's table. Only what is searched has a column; records are JSON.
import type { LedgerRecord } from "@flyball/core";

/** What is read of it. */
export interface LedgerRow {
  readonly id: string;
  readonly body: string;
}

/** The records of rows. Bodies from before calls had ids of their own have none inside. */
export function recordsOf(rows: readonly LedgerRow[]): readonly LedgerRecord[] {
  return rows.map(({ id, body }) => ({ id, ...(JSON.parse(body) as Omit<LedgerRecord, "id">) }));
}
