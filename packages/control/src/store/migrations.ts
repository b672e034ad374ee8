// The store's format, one step for each version. A step is never changed after it was released; a new one is appended.
import { CALL_IDS_SCHEMA, LEDGER_SCHEMA, REQUEST_IDS_SCHEMA } from "./ledger-schema.ts";
import { NOTICES_SCHEMA } from "./notice-queue.ts";

/** SQL that brings format n to n + 1, in order. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE revisions (
    number INTEGER PRIMARY KEY, hash TEXT NOT NULL, author TEXT NOT NULL, reason TEXT NOT NULL,
    created_at INTEGER NOT NULL, spec TEXT NOT NULL) STRICT;
  CREATE TABLE overrides (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE incidents (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE events (sequence INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, body TEXT NOT NULL) STRICT;
  CREATE TABLE job_runs (service TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (service, key)) STRICT;
  CREATE TABLE instances (handle TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT;
  CREATE TABLE slots (service TEXT NOT NULL, ordinal INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (service, ordinal)) STRICT;
  CREATE TABLE audit (sequence INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL,
    action TEXT NOT NULL, reason TEXT NOT NULL, difference TEXT NOT NULL) STRICT;
  `,
  "ALTER TABLE revisions ADD COLUMN composed TEXT",
  LEDGER_SCHEMA,
  "CREATE TABLE virtual_keys (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT",
  "ALTER TABLE audit ADD COLUMN command TEXT",
  CALL_IDS_SCHEMA,
  REQUEST_IDS_SCHEMA,
  "ALTER TABLE audit ADD COLUMN composed TEXT",
  NOTICES_SCHEMA,
];
