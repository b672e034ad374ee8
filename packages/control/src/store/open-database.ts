// Opens the store's database: backs it up before a migration, refuses a format that is newer than this program.
import { FlyballError } from "@flyball/core";
import { copyFileSync, existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { MIGRATIONS } from "./migrations.ts";

/** Opens and migrates. The backup stands beside the store as `<path>.v<old format>`. FB_CONTROL_STORE_NEWER. */
export function openDatabase(path: string): DatabaseSync {
  const isNew = path === ":memory:" || !existsSync(path);
  const database = new DatabaseSync(path);
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 2000");
  const row = database.prepare("PRAGMA user_version").get() as { user_version: number };
  const format = row.user_version;
  if (format > MIGRATIONS.length) {
    database.close();
    throw new FlyballError("FB_CONTROL_STORE_NEWER", { path, seen: format, known: MIGRATIONS.length });
  }
  if (format < MIGRATIONS.length && !isNew && format > 0) {
    database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    copyFileSync(path, `${path}.v${format}`);
  }
  for (const [index, step] of MIGRATIONS.entries()) {
    if (index < format) continue;
    database.exec(`BEGIN; ${step}; PRAGMA user_version = ${index + 1}; COMMIT`);
  }
  return database;
}
