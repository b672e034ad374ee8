// The ledger for a reader beside control. Nothing is written and the store's format is not moved on: the app that it belongs to may be running
// with an older program, which would find its tables changed.
import { FlyballError, type LedgerRecord } from "@flyball/core";
import { DatabaseSync } from "node:sqlite";
import { MIGRATIONS } from "../store/migrations.ts";
import { recordsOf, type LedgerRow } from "./ledger-row.ts";

const BUSY_MS = 2_000;

/** The newest records first; none where the store has no ledger yet. FB_CONTROL_STORE_NEWER. */
export function readLedger(path: string, limit: number): readonly LedgerRecord[] {
  const database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
  try {
    const { user_version: seen } = database.prepare("PRAGMA user_version").get() as { user_version: number };
    if (seen > MIGRATIONS.length)
      throw new FlyballError("FB_CONTROL_STORE_NEWER", { path, seen, known: MIGRATIONS.length });
    const columns = database.prepare("SELECT name FROM pragma_table_info('ledger')").all() as { name: string }[];
    if (columns.length === 0) return [];
    const id = columns.some(({ name }) => name === "id") ? "id" : "request_id";
    const newest = database.prepare(`SELECT ${id} AS id, body FROM ledger ORDER BY time DESC LIMIT ?`);
    return recordsOf(newest.all(limit) as unknown as LedgerRow[]);
  } finally {
    database.close();
  }
}
