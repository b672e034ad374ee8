// The store on node:sqlite. Bodies are JSON; only what is searched has a column of its own.
import type { AppEvent, AppSpec, Incident, Override, Revision, RevisionSummary } from "@flyball/core";
import type { DatabaseSync } from "node:sqlite";
import type { StoredKey } from "../keys/stored-key.ts";
import type { JobRun } from "../reconcile/service-view.ts";
import { auditTrailOf } from "./audit-trail.ts";
import { noticesOf } from "./notice-queue.ts";
import { openDatabase } from "./open-database.ts";
import type { Store, StoredInstance, StoredSlot } from "./store.ts";

const KEPT_EVENTS = 10_000;

interface BodyRow {
  body: string;
}

interface RevisionRow {
  number: number;
  hash: string;
  author: string;
  reason: string;
  created_at: number;
  spec: string;
  /** JSON of the composed reason; null for a person's words and for rows from before there were any. */
  composed: string | null;
}

/** Opens the store at a path (`:memory:` for tests). */
export function openSqliteStore(path: string): Store {
  const database = openDatabase(path);
  return {
    revisions: revisionsOf(database),
    overrides: overridesOf(database),
    incidents: incidentsOf(database),
    events: eventsOf(database),
    ...runtimeOf(database),
    keys: keysOf(database),
    notices: noticesOf(database),
    audit: auditTrailOf(database),
    close: () => database.close(),
  };
}

function revisionsOf(database: DatabaseSync): Store["revisions"] {
  const columns = "number, hash, author, reason, created_at, composed, spec";
  const read = (row: RevisionRow | undefined): Revision | undefined =>
    row && { ...summaryOf(row), spec: JSON.parse(row.spec) as AppSpec };
  const latest = database.prepare(`SELECT ${columns} FROM revisions ORDER BY number DESC LIMIT 1`);
  const byNumber = database.prepare(`SELECT ${columns} FROM revisions WHERE number = ?`);
  const all = database.prepare(
    "SELECT number, hash, author, reason, created_at, composed FROM revisions ORDER BY number DESC LIMIT 500",
  );
  const insert = database.prepare(
    "INSERT INTO revisions (hash, author, reason, created_at, spec, composed) VALUES (?, ?, ?, ?, ?, ?)",
  );
  return {
    latest: () => read(latest.get() as unknown as RevisionRow | undefined),
    get: (number) => read(byNumber.get(number) as unknown as RevisionRow | undefined),
    list: () => (all.all() as unknown as RevisionRow[]).map(summaryOf),
    append(entry) {
      const { hash, author, reason, createdAt, spec, composed } = entry;
      const composedJson = composed === undefined ? null : JSON.stringify(composed);
      const { lastInsertRowid } = insert.run(hash, author, reason, createdAt, JSON.stringify(spec), composedJson);
      return { number: Number(lastInsertRowid), ...entry };
    },
  };
}

function summaryOf(row: Omit<RevisionRow, "spec">): RevisionSummary {
  const { number, hash, author, reason, composed } = row;
  const summary = { number, hash, author, reason, createdAt: row.created_at };
  return composed === null
    ? summary
    : { ...summary, composed: JSON.parse(composed) as NonNullable<Revision["composed"]> };
}

function overridesOf(database: DatabaseSync): Store["overrides"] {
  const remove = database.prepare("DELETE FROM overrides WHERE id = ?");
  const list = (): readonly Override[] => bodies<Override>(database.prepare("SELECT body FROM overrides").all());
  return {
    list,
    put(override) {
      for (const other of list()) if (other.field === override.field) remove.run(other.id);
      database
        .prepare("INSERT OR REPLACE INTO overrides (id, body) VALUES (?, ?)")
        .run(override.id, JSON.stringify(override));
    },
    remove(ids) {
      for (const id of ids) remove.run(id);
    },
  };
}

function incidentsOf(database: DatabaseSync): Store["incidents"] {
  const put = database.prepare("INSERT OR REPLACE INTO incidents (number, id, state, body) VALUES (?, ?, ?, ?)");
  const byName = database.prepare("SELECT body FROM incidents WHERE id = ? OR number = ?");
  return {
    nextNumber() {
      const row = database.prepare("SELECT coalesce(max(number), 0) + 1 AS next FROM incidents").get() as {
        next: number;
      };
      return row.next;
    },
    put: (incident) => void put.run(incident.number, incident.id, incident.state, JSON.stringify(incident)),
    get: (name) => bodies<Incident>([byName.get(name, Number(name) || -1)].filter((row) => row !== undefined))[0],
    list({ limit, state }) {
      const rows =
        state === undefined
          ? database.prepare("SELECT body FROM incidents ORDER BY number DESC LIMIT ?").all(limit)
          : database
              .prepare("SELECT body FROM incidents WHERE state = ? ORDER BY number DESC LIMIT ?")
              .all(state, limit);
      return bodies<Incident>(rows);
    },
    open: () =>
      bodies<Incident>(
        database.prepare("SELECT body FROM incidents WHERE state IN ('open', 'recovering') ORDER BY number").all(),
      ),
  };
}

function eventsOf(database: DatabaseSync): Store["events"] {
  const insert = database.prepare("INSERT INTO events (at, body) VALUES (?, ?)");
  const trim = database.prepare("DELETE FROM events WHERE sequence <= ?");
  const after = database.prepare("SELECT sequence, at, body FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?");
  return {
    append(event, at) {
      const { lastInsertRowid } = insert.run(at, JSON.stringify(event));
      const sequence = Number(lastInsertRowid);
      if (sequence % 500 === 0) trim.run(sequence - KEPT_EVENTS);
      return { ...event, sequence, at };
    },
    after(sequence, limit) {
      const rows = after.all(sequence, limit) as unknown as { sequence: number; at: number; body: string }[];
      return rows.map(
        (row) => ({ ...(JSON.parse(row.body) as object), sequence: row.sequence, at: row.at }) as AppEvent,
      );
    },
    lastSequence() {
      const row = database.prepare("SELECT coalesce(max(sequence), 0) AS last FROM events").get() as { last: number };
      return row.last;
    },
  };
}

function runtimeOf(database: DatabaseSync): Pick<Store, "jobs" | "instances" | "slots" | "meta"> {
  const putInstance = database.prepare("INSERT OR REPLACE INTO instances (handle, body) VALUES (?, ?)");
  const putSlot = database.prepare("INSERT OR REPLACE INTO slots (service, ordinal, body) VALUES (?, ?, ?)");
  const putMeta = database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
  return {
    jobs: {
      get(service, key) {
        return bodies<JobRun>(
          database.prepare("SELECT body FROM job_runs WHERE service = ? AND key = ?").all(service, key),
        )[0];
      },
      put(run) {
        database
          .prepare("INSERT OR REPLACE INTO job_runs (service, key, body) VALUES (?, ?, ?)")
          .run(run.service, run.key, JSON.stringify(run));
      },
      remove: (service, key) =>
        void database.prepare("DELETE FROM job_runs WHERE service = ? AND key = ?").run(service, key),
    },
    instances: {
      list: () => bodies<StoredInstance>(database.prepare("SELECT body FROM instances").all()),
      put: (instance) => void putInstance.run(instance.handle, JSON.stringify(instance)),
      remove: (handle) => void database.prepare("DELETE FROM instances WHERE handle = ?").run(handle),
    },
    slots: {
      list: () => bodies<StoredSlot>(database.prepare("SELECT body FROM slots").all()),
      put: (slot) => void putSlot.run(slot.service, slot.ordinal, JSON.stringify(slot)),
      remove: (service, ordinal) =>
        void database.prepare("DELETE FROM slots WHERE service = ? AND ordinal = ?").run(service, ordinal),
    },
    meta: {
      get(key) {
        const row = database.prepare("SELECT value FROM meta WHERE key = ?").get(key) as { value: string } | undefined;
        return row?.value;
      },
      put: (key, value) => void putMeta.run(key, value),
    },
  };
}

function keysOf(database: DatabaseSync): Store["keys"] {
  const list = database.prepare("SELECT body FROM virtual_keys ORDER BY rowid");
  const put = database.prepare(
    "INSERT INTO virtual_keys (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
  );
  return {
    list: () => bodies<StoredKey>(list.all()),
    put: (key) => void put.run(key.id, JSON.stringify(key)),
  };
}

function bodies<T>(rows: readonly unknown[]): readonly T[] {
  return (rows as readonly BodyRow[]).map((row) => JSON.parse(row.body) as T);
}
