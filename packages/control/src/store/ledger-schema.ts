// The tables of the ledger. Sums per day are kept for ever (a row for each combination that was used), records for a while.

/** SQL of one migration. */
export const LEDGER_SCHEMA = `
  CREATE TABLE ledger (
    request_id TEXT PRIMARY KEY, time INTEGER NOT NULL, key TEXT NOT NULL, tenant TEXT NOT NULL, model TEXT NOT NULL,
    body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX ledger_by_time ON ledger (time);
  CREATE TABLE ledger_days (
    day TEXT NOT NULL, key TEXT NOT NULL, tenant TEXT NOT NULL, model TEXT NOT NULL, backend TEXT NOT NULL,
    calls INTEGER NOT NULL, failed INTEGER NOT NULL, estimated INTEGER NOT NULL, unpriced INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL,
    usd INTEGER NOT NULL, cny INTEGER NOT NULL,
    PRIMARY KEY (day, key, tenant, model, backend)) STRICT, WITHOUT ROWID;
  CREATE TABLE ledger_spent (
    limit_id TEXT PRIMARY KEY, period_start INTEGER NOT NULL, amount INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE ledger_files (name TEXT PRIMARY KEY, bytes INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

/** The column holds what tells calls apart: once that was the client's request id, now an id of the ledger's own. */
export const CALL_IDS_SCHEMA = "ALTER TABLE ledger RENAME COLUMN request_id TO id";

/** Calls are looked for by the id that their client knows. */
export const REQUEST_IDS_SCHEMA = "CREATE INDEX ledger_by_request ON ledger (json_extract(body, '$.requestId'))";
