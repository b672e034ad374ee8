// Opens the store's database: backs it up before a migration, refuses a format that is newer than this program.
import { FlyballError } from "@flyball/core";
import { copyFileSync, existsSync, rmSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { inTransaction, storeError } from "./in-transaction.ts";
import { MIGRATIONS } from "./migrations.ts";

/**
 * Opens and migrates. The backup stands beside the store as `<path>.v<old format>`. FB_CONTROL_STORE_NEWER; FB_CONTROL_STORE_UNWRITABLE when the
 * disk is full or the folder cannot be written: what was there is as it was.
 */
export function openDatabase(path: string): DatabaseSync {
  const isNew = path === ":memory:" || !existsSync(path);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000");
    migrate(database, path, isNew);
    return database;
  } catch (error) {
    database?.close();
    throw storeError(path, error);
  }
}

function migrate(database: DatabaseSync, path: string, isNew: boolean): void {
  const { user_version: format } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (format > MIGRATIONS.length)
    throw new FlyballError("FB_CONTROL_STORE_NEWER", { path, seen: format, known: MIGRATIONS.length });
  if (format < MIGRATIONS.length && !isNew && format > 0) backUp(database, path, `${path}.v${format}`);
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index >= format) inTransaction(database, () => database.exec(`${step}; PRAGMA user_version = ${index + 1}`));
  }
}

/** Half a backup is worse than none; one that a kill has cut short is made anew, as the format is still the old one. */
function backUp(database: DatabaseSync, path: string, backup: string): void {
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  try {
    copyFileSync(path, backup);
  } catch (error) {
    rmSync(backup, { force: true });
    throw error;
  }
}
