// Opens the database's file and brings its tables to this version. Write-ahead logging lets readers go on beside a
// writer and loses no committed row when the process is killed; the busy timeout lets two processes share the file for
// the moment in which one replaces the other.
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ServiceError } from "../shared/service-error.ts";

const schemaVersion = 1;

const schema = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE TABLE passages (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('zh', 'en')),
    questions TEXT NOT NULL,
    answer TEXT NOT NULL,
    UNIQUE (id, language)
  ) STRICT;
  CREATE TABLE known_questions (
    form TEXT NOT NULL,
    passage INTEGER NOT NULL,
    question TEXT NOT NULL,
    PRIMARY KEY (form, passage)
  ) STRICT, WITHOUT ROWID;
  CREATE VIRTUAL TABLE passage_search USING fts5(title, text, tokenize = 'unicode61 remove_diacritics 0');
  CREATE TABLE answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    question TEXT NOT NULL,
    form TEXT NOT NULL,
    answer TEXT NOT NULL,
    model TEXT NOT NULL,
    revision TEXT,
    sources TEXT NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('candidate', 'approved', 'rejected'))
  ) STRICT;
  CREATE INDEX answers_by_form ON answers (form, state);
  CREATE INDEX answers_by_age ON answers (state, created);
`;

/** Opens or creates `qa.sqlite` in a folder. Throws when a newer version wrote it. */
export function openDatabase(folder: string): DatabaseSync {
  const database = new DatabaseSync(join(folder, "qa.sqlite"), { timeout: 5_000 });
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL");
  inTransaction(database, () => {
    const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"] ?? 0);
    if (version > schemaVersion) {
      throw new Error(`The database is of version ${version}; this program knows up to ${schemaVersion}.`);
    }
    if (version === 0) database.exec(`${schema} PRAGMA user_version = ${schemaVersion};`);
  });
  return database;
}

/** Codes of SQLite for a disk or a file that takes nothing: READONLY, IOERR, FULL, CANTOPEN. */
const unwritable: ReadonlySet<number> = new Set([8, 10, 13, 14]);

/** Runs work in one write transaction; an error undoes all of it. QA_DISK when the disk does not take it: reading goes on. */
export function inTransaction<Result>(database: DatabaseSync, work: () => Result): Result {
  try {
    database.exec("BEGIN IMMEDIATE");
    const result = work();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk may have ended it already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw isDiskError(error)
      ? new ServiceError(
          507,
          "QA_DISK",
          `Nothing was stored: ${error.message}. Make room on the disk, then send it again.`,
        )
      : error;
  }
}

function isDiskError(error: unknown): error is Error {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  return unwritable.has(error.errcode & 0xff);
}
