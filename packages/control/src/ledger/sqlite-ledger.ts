// The ledger on node:sqlite, in the store's file through a connection of its own.
import { inputTokens, outputTokens, type LedgerRecord, type SettleLine } from "@flyball/core";
import type { DatabaseSync } from "node:sqlite";
import { inTransaction } from "../store/in-transaction.ts";
import { openDatabase } from "../store/open-database.ts";
import { createCivilDay } from "./civil-day.ts";
import { recordsOf, type LedgerRow } from "./ledger-row.ts";
import type { JournalPart, LedgerBook, UsageGroup, UsageQuery, UsageSums } from "./ledger-book.ts";

/** Columns of `ledger_days` that are summed, and their names in the answer. */
const SUMMED = {
  calls: "calls",
  failed: "failed",
  estimated: "estimated",
  unpriced: "unpriced",
  inputTokens: "input_tokens",
  cachedTokens: "cached_tokens",
  outputTokens: "output_tokens",
  usd: "usd",
  cny: "cny",
} as const;
const GROUPS: readonly UsageGroup[] = ["day", "key", "tenant", "model", "backend"];

/** Opens it beside the store; `timeZone` says where a day begins, when a call is added: what was added before stays in its day. */
export function openSqliteLedger(path: string, timeZone: () => string): LedgerBook {
  const database = openDatabase(path);
  const add = prepareAdd(database, timeZone);
  const noteFile = database.prepare("INSERT OR REPLACE INTO ledger_files (name, bytes) VALUES (?, ?)");
  const files = database.prepare("SELECT name, bytes FROM ledger_files");
  const forget = database.prepare("DELETE FROM ledger_files WHERE name = ?");
  const trim = database.prepare(
    "DELETE FROM ledger WHERE id IN (SELECT id FROM ledger WHERE time < ? ORDER BY time LIMIT ?)",
  );
  const find = prepareFind(database);
  const spent = database.prepare("SELECT limit_id, period_start, amount FROM ledger_spent ORDER BY limit_id");
  return {
    import: ({ file, bytes, lines }: JournalPart) =>
      inTransaction(database, () => {
        let added = 0;
        for (const line of lines) if (add(line)) added += 1;
        noteFile.run(file, bytes);
        return added;
      }),
    imported: () =>
      new Map((files.all() as unknown as { name: string; bytes: number }[]).map(({ name, bytes }) => [name, bytes])),
    forgetFiles: (names) => inTransaction(database, () => names.forEach((name) => forget.run(name))),
    trim: (before, most) => inTransaction(database, () => Number(trim.run(before, most).changes)),
    usage: (query) => sumUsage(database, query),
    records: (query) => listRecords(database, query),
    find,
    spending: () =>
      (spent.all() as unknown as { limit_id: string; period_start: number; amount: number }[]).map((row) => ({
        limitId: row.limit_id,
        spent: row.amount,
        periodStart: row.period_start,
      })),
    close: () => database.close(),
  };
}

/** Adds one settlement unless its call is known; whether it was new. */
function prepareAdd(database: DatabaseSync, timeZone: () => string): (line: SettleLine) => boolean {
  const insert = database.prepare(
    "INSERT OR IGNORE INTO ledger (id, time, key, tenant, model, body) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const columns = Object.values(SUMMED);
  const addDay = database.prepare(
    `INSERT INTO ledger_days (day, key, tenant, model, backend, ${columns.join(", ")})
     VALUES (?, ?, ?, ?, ?, ${columns.map(() => "?").join(", ")}) ON CONFLICT DO UPDATE SET
     ${columns.map((column) => `${column} = ${column} + excluded.${column}`).join(", ")}`,
  );
  const addSpent = database.prepare(
    `INSERT INTO ledger_spent (limit_id, period_start, amount) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET
     amount = CASE WHEN excluded.period_start > period_start THEN excluded.amount
                   WHEN excluded.period_start = period_start THEN amount + excluded.amount ELSE amount END,
     period_start = max(period_start, excluded.period_start)`,
  );
  const civilDay = createCivilDay();
  return ({ record, limits }) => {
    const { id, time, key, tenant, model, backend, usage, cost } = record;
    if (insert.run(id, time, key, tenant, model, JSON.stringify(record)).changes === 0) return false;
    const sums: Record<keyof typeof SUMMED, number> = {
      calls: 1,
      failed: record.outcome === "answered" ? 0 : 1,
      estimated: record.isEstimated ? 1 : 0,
      unpriced: cost.isUnknown ? 1 : 0,
      inputTokens: inputTokens(usage),
      cachedTokens: usage.cacheRead,
      outputTokens: outputTokens(usage),
      usd: cost.usd,
      cny: cost.cny,
    };
    const names = Object.keys(SUMMED) as (keyof typeof SUMMED)[];
    addDay.run(civilDay(time, timeZone()), key, tenant, model, backend, ...names.map((name) => sums[name]));
    for (const [limitId, amount, periodStart] of limits) {
      if (periodStart !== undefined) addSpent.run(limitId, periodStart, amount);
    }
    return true;
  };
}

function sumUsage(database: DatabaseSync, query: UsageQuery): readonly UsageSums[] {
  const groups = GROUPS.filter((group) => query.by.includes(group));
  const conditions = [
    ["day >= ?", query.from],
    ["day <= ?", query.to],
    ["key = ?", query.key],
    ["tenant = ?", query.tenant],
    ["model = ?", query.model],
  ].filter((condition): condition is [string, string] => condition[1] !== undefined);
  const sums = Object.entries(SUMMED).map(([name, column]) => `coalesce(sum(${column}), 0) AS ${name}`);
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.map(([text]) => text).join(" AND ")}`;
  const grouped = groups.length === 0 ? "" : `GROUP BY ${groups.join(", ")} ORDER BY ${groups.join(", ")}`;
  const rows = database
    .prepare(`SELECT ${[...groups, ...sums].join(", ")} FROM ledger_days ${where} ${grouped}`)
    .all(...conditions.map(([, value]) => value)) as unknown as (UsageSums & Record<UsageGroup, string>)[];
  return rows.map((row) => {
    const names = Object.keys(SUMMED) as (keyof typeof SUMMED)[];
    const values = Object.fromEntries(names.map((name) => [name, row[name]])) as Omit<UsageSums, "group">;
    return { group: query.by.map((group) => row[group]), ...values };
  });
}

/** By the index on the request id inside of the record. */
function prepareFind(database: DatabaseSync): (requestId: string, limit: number) => readonly LedgerRecord[] {
  const select = database.prepare(
    "SELECT id, body FROM ledger WHERE json_extract(body, '$.requestId') = ? ORDER BY time DESC LIMIT ?",
  );
  return (requestId, limit) => recordsOf(select.all(requestId, limit) as unknown as LedgerRow[]);
}

function listRecords(
  database: DatabaseSync,
  { before, limit, key }: { readonly before?: number; readonly limit: number; readonly key?: string },
): readonly LedgerRecord[] {
  const rows = database
    .prepare("SELECT id, body FROM ledger WHERE time < ? AND (? IS NULL OR key = ?) ORDER BY time DESC LIMIT ?")
    .all(before ?? Number.MAX_SAFE_INTEGER, key ?? null, key ?? null, limit) as unknown as LedgerRow[];
  return recordsOf(rows);
}
