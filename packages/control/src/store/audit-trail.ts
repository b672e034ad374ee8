// The audit trail in SQLite. Rows are only ever added.
import type { AuditRecord, ComposedText } from "@flyball/core";
import type { DatabaseSync } from "node:sqlite";
import type { Store } from "./store.ts";
import type { StoreWriter } from "./store-writer.ts";

interface AuditRow {
  sequence: number;
  at: number;
  actor: string;
  action: string;
  reason: string;
  difference: string;
  /** null: control did it by itself, or the row is from before there was one. */
  command: string | null;
  /** JSON of the composed reason; null for a person's words and for rows from before there were any. */
  composed: string | null;
}

/** The trail of a database. */
export function auditTrailOf(database: DatabaseSync, { note }: StoreWriter): Store["audit"] {
  const columns = "at, actor, action, reason, difference, command, composed";
  const insert = database.prepare(`INSERT INTO audit (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
  const newest = database.prepare(
    `SELECT sequence, ${columns} FROM audit WHERE at >= ? ORDER BY sequence DESC LIMIT ?`,
  );
  let entries = 0;
  return {
    append({ actor, action, reason, difference, command = null, composed }, at) {
      const text = composed?.reason === undefined ? null : JSON.stringify(composed.reason);
      const row = [at, actor, action, reason, JSON.stringify(difference ?? null), command, text] as const;
      entries += 1;
      note({ key: `audit/${entries}`, value: row, write: () => void insert.run(...row) });
    },
    list({ since = 0, limit }) {
      const rows = newest.all(since, limit) as unknown as AuditRow[];
      return rows.map(recordOf).toReversed();
    },
  };
}

function recordOf({ difference, command, composed, ...row }: AuditRow): AuditRecord {
  return {
    ...row,
    difference: JSON.parse(difference) as unknown,
    ...(command === null ? {} : { command }),
    ...(composed === null ? {} : { composed: { reason: JSON.parse(composed) as ComposedText } }),
  };
}
