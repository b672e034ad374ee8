// One transaction on node:sqlite: all of it is on the disk afterwards, or none.
import { FlyballError } from "@flyball/core";
import type { DatabaseSync } from "node:sqlite";

/** Primary codes of SQLite for a disk or a file that takes nothing: READONLY, IOERR, FULL, CANTOPEN. */
const UNWRITABLE: ReadonlySet<number> = new Set([8, 10, 13, 14]);
const PRIMARY_CODE = 0xff;
/** The same of the system. */
const UNWRITABLE_NAMES: ReadonlySet<unknown> = new Set([
  "EACCES",
  "EDQUOT",
  "EFBIG",
  "EIO",
  "ENOSPC",
  "EPERM",
  "EROFS",
]);

/** Runs the work; an error undoes it. FB_CONTROL_STORE_UNWRITABLE when the disk does not take it. Inside of another it is a part of that. */
export function inTransaction<T>(database: DatabaseSync, run: () => T): T {
  if (database.isTransaction) return run();
  try {
    database.exec("BEGIN IMMEDIATE");
    const result = run();
    database.exec("COMMIT");
    return result;
  } catch (error) {
    // A full disk may have ended it already.
    if (database.isTransaction) database.exec("ROLLBACK");
    throw storeError(database.location() ?? ":memory:", error);
  }
}

/** FB_CONTROL_STORE_UNWRITABLE for an error of the disk, else the error as it is. */
export function storeError(path: string, error: unknown): unknown {
  if (!isDiskError(error)) return error;
  return new FlyballError("FB_CONTROL_STORE_UNWRITABLE", { path, reason: error.message }, error);
}

/** Whether the disk or the rights of the file are to blame, and not what was written. */
export function isDiskError(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ("errcode" in error && typeof error.errcode === "number") return UNWRITABLE.has(error.errcode & PRIMARY_CODE);
  return "code" in error && (UNWRITABLE_NAMES.has(error.code) || error.code === "FB_CONTROL_STORE_UNWRITABLE");
}
