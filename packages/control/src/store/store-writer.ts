// How rows get into the store. What people ask for is written in a transaction or refused. What control notes of what it sees and does by
// itself must not keep it from going on: while the disk takes nothing those rows wait in memory, the newest of each kind and key, are read
// from there, and are written in their order when there is room again. A kill −9 before then takes them.
import type { DatabaseSync } from "node:sqlite";
import { inTransaction, isDiskError } from "./in-transaction.ts";

/** A row that control writes by itself. */
export interface NotedRow {
  /** `<table>/<key>`: a later row of the key stands for all before. */
  readonly key: string;
  /** What a reader finds meanwhile; undefined: the row is gone. */
  readonly value: unknown;
  readonly write: () => void;
}

/** The writer of one store. */
export interface StoreWriter {
  /** All or nothing, at once. FB_CONTROL_STORE_UNWRITABLE. Rows that are noted inside belong to it. */
  atomically<T>(run: () => T): T;
  /** Written at once, or later if the disk does not take it. Other errors are thrown. */
  note(row: NotedRow): void;
  /** The row that waits for a key: `{ value }`, undefined when none does. */
  waiting(key: string): { readonly value: unknown } | undefined;
  /** Values that wait in a table, oldest first. */
  waitingIn<T>(table: string): readonly T[];
  /** Tries to write what waits. FB_CONTROL_STORE_UNWRITABLE while it cannot. */
  catchUp(): void;
}

/** Rows that wait at most; beyond, the oldest is lost. Events of some hours. */
const MAX_WAITING = 20_000;

/** Creates it. */
export function createStoreWriter(database: DatabaseSync): StoreWriter {
  const rows = new Map<string, NotedRow>();

  const keep = (row: NotedRow): void => {
    rows.delete(row.key);
    rows.set(row.key, row);
    if (rows.size > MAX_WAITING) rows.delete(rows.keys().next().value as string);
  };
  const catchUp = (): void => {
    if (rows.size === 0) return;
    inTransaction(database, () => {
      for (const row of rows.values()) row.write();
    });
    rows.clear();
  };
  return {
    // What waits goes first, in a transaction of its own: what is asked for now may rest on it, and must not take it along when it fails.
    atomically(run) {
      if (!database.isTransaction) catchUp();
      return inTransaction(database, run);
    },
    note(row) {
      // Behind others it waits too, and `catchUp` comes each second: trying the disk for each row would hold the loop up.
      if (rows.size > 0 && !database.isTransaction) return keep(row);
      try {
        row.write();
      } catch (error) {
        if (database.isTransaction || !isDiskError(error)) throw error;
        keep(row);
      }
    },
    waiting: (key) => rows.get(key),
    waitingIn: <T>(table: string) =>
      [...rows.values()]
        .filter(({ key, value }) => value !== undefined && key.startsWith(`${table}/`))
        .map(({ value }) => value as T),
    catchUp,
  };
}
