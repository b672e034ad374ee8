// The store on node:sqlite. Bodies are JSON; only what is searched has a column of its own.
import type { AppEvent, AppSpec, Incident, Override, Revision, RevisionSummary } from "@flyball/core";
import type { DatabaseSync } from "node:sqlite";
import type { StoredKey } from "../keys/stored-key.ts";
import type { JobRun } from "../reconcile/service-view.ts";
import { auditTrailOf } from "./audit-trail.ts";
import { noticesOf } from "./notice-queue.ts";
import { openDatabase } from "./open-database.ts";
import type { Store, StoredInstance, StoredSlot } from "./store.ts";
import { createStoreWriter, type StoreWriter } from "./store-writer.ts";

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
  const writer = createStoreWriter(database);
  return {
    revisions: revisionsOf(database, writer),
    overrides: overridesOf(database, writer),
    incidents: incidentsOf(database, writer),
    events: eventsOf(database, writer),
    ...runtimeOf(database, writer),
    keys: keysOf(database, writer),
    notices: noticesOf(database, writer),
    audit: auditTrailOf(database, writer),
    atomically: writer.atomically,
    catchUp: writer.catchUp,
    close() {
      try {
        writer.catchUp();
      } catch {
        // It was told each time that it was tried.
      }
      database.close();
    },
  };
}

function revisionsOf(database: DatabaseSync, { atomically }: StoreWriter): Store["revisions"] {
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
      const row = [hash, author, reason, createdAt, JSON.stringify(spec), composedJson] as const;
      const { lastInsertRowid } = atomically(() => insert.run(...row));
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

function overridesOf(database: DatabaseSync, { atomically }: StoreWriter): Store["overrides"] {
  const remove = database.prepare("DELETE FROM overrides WHERE id = ?");
  const insert = database.prepare("INSERT OR REPLACE INTO overrides (id, body) VALUES (?, ?)");
  const list = (): readonly Override[] => bodies<Override>(database.prepare("SELECT body FROM overrides").all());
  return {
    list,
    put: (override) =>
      atomically(() => {
        for (const other of list()) if (other.field === override.field) remove.run(other.id);
        insert.run(override.id, JSON.stringify(override));
      }),
    remove: (ids) => atomically(() => ids.forEach((id) => remove.run(id))),
  };
}

function incidentsOf(database: DatabaseSync, writer: StoreWriter): Store["incidents"] {
  const put = database.prepare("INSERT OR REPLACE INTO incidents (number, id, state, body) VALUES (?, ?, ?, ?)");
  const byName = database.prepare("SELECT body FROM incidents WHERE id = ? OR number = ?");
  const newest = database.prepare("SELECT coalesce(max(number), 0) AS number FROM incidents");
  const all = database.prepare("SELECT body FROM incidents ORDER BY number DESC LIMIT ?");
  const ofState = database.prepare("SELECT body FROM incidents WHERE state = ? ORDER BY number DESC LIMIT ?");
  const open = database.prepare("SELECT body FROM incidents WHERE state IN ('open', 'recovering') ORDER BY number");
  const waiting = (): readonly Incident[] => writer.waitingIn<Incident>("incidents");
  /** Rows as they are by now. */
  const current = (rows: readonly unknown[]): readonly Incident[] => {
    const newer = new Map(waiting().map((incident) => [incident.number, incident]));
    const known = bodies<Incident>(rows).filter(({ number }) => !newer.has(number));
    return newer.size === 0 ? known : [...known, ...newer.values()].toSorted((a, b) => a.number - b.number);
  };
  return {
    nextNumber: () =>
      Math.max((newest.get() as { number: number }).number, ...waiting().map(({ number }) => number)) + 1,
    put: (incident) =>
      writer.note({
        key: `incidents/${incident.number}`,
        value: incident,
        write: () => void put.run(incident.number, incident.id, incident.state, JSON.stringify(incident)),
      }),
    get: (name) =>
      waiting().find(({ id, number }) => id === name || number === Number(name)) ??
      bodies<Incident>([byName.get(name, Number(name) || -1)].filter((row) => row !== undefined))[0],
    list({ limit, state }) {
      const rows = current(state === undefined ? all.all(limit) : ofState.all(state, limit));
      const found = state === undefined ? rows : rows.filter((incident) => incident.state === state);
      return found.toSorted((a, b) => b.number - a.number).slice(0, limit);
    },
    open: () => current(open.all()).filter(({ state }) => state === "open" || state === "recovering"),
  };
}

function eventsOf(database: DatabaseSync, writer: StoreWriter): Store["events"] {
  const insert = database.prepare("INSERT INTO events (sequence, at, body) VALUES (?, ?, ?)");
  const trim = database.prepare("DELETE FROM events WHERE sequence <= ?");
  const after = database.prepare("SELECT sequence, at, body FROM events WHERE sequence > ? ORDER BY sequence LIMIT ?");
  const last = database.prepare("SELECT coalesce(max(sequence), 0) AS last FROM events");
  // Counted here: an event has its number also while the disk takes nothing. This is the only process that adds any.
  let newest = (last.get() as { last: number }).last;
  return {
    append(event, at) {
      newest += 1;
      const stored = { ...event, sequence: newest, at };
      writer.note({
        key: `events/${stored.sequence}`,
        value: stored,
        write() {
          insert.run(stored.sequence, at, JSON.stringify(event));
          if (stored.sequence % 500 === 0) trim.run(stored.sequence - KEPT_EVENTS);
        },
      });
      return stored;
    },
    after(sequence, limit) {
      const rows = after.all(sequence, limit) as unknown as { sequence: number; at: number; body: string }[];
      const stored = rows.map(
        (row) => ({ ...(JSON.parse(row.body) as object), sequence: row.sequence, at: row.at }) as AppEvent,
      );
      const waiting = writer.waitingIn<AppEvent>("events").filter((event) => event.sequence > sequence);
      return [...stored, ...waiting].slice(0, limit);
    },
    lastSequence: () => newest,
  };
}

function runtimeOf(
  database: DatabaseSync,
  { note, waiting }: StoreWriter,
): Pick<Store, "jobs" | "instances" | "slots" | "meta"> {
  const jobs = database.prepare("SELECT body FROM job_runs WHERE service = ? AND key = ?");
  const putJob = database.prepare("INSERT OR REPLACE INTO job_runs (service, key, body) VALUES (?, ?, ?)");
  const removeJob = database.prepare("DELETE FROM job_runs WHERE service = ? AND key = ?");
  const putInstance = database.prepare("INSERT OR REPLACE INTO instances (handle, body) VALUES (?, ?)");
  const removeInstance = database.prepare("DELETE FROM instances WHERE handle = ?");
  const putSlot = database.prepare("INSERT OR REPLACE INTO slots (service, ordinal, body) VALUES (?, ?, ?)");
  const removeSlot = database.prepare("DELETE FROM slots WHERE service = ? AND ordinal = ?");
  const meta = database.prepare("SELECT value FROM meta WHERE key = ?");
  const putMeta = database.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)");
  const put = (key: string, value: unknown, write: () => unknown): void =>
    note({ key, value, write: () => void write() });
  return {
    jobs: {
      get(service, key) {
        const newer = waiting(`job_runs/${service}/${key}`);
        return newer === undefined ? bodies<JobRun>(jobs.all(service, key))[0] : (newer.value as JobRun | undefined);
      },
      put: (run) =>
        put(`job_runs/${run.service}/${run.key}`, run, () => putJob.run(run.service, run.key, JSON.stringify(run))),
      remove: (service, key) => put(`job_runs/${service}/${key}`, undefined, () => removeJob.run(service, key)),
    },
    // Instances and slots are read when control starts, and nothing waits then.
    instances: {
      list: () => bodies<StoredInstance>(database.prepare("SELECT body FROM instances").all()),
      put: (instance) =>
        put(`instances/${instance.handle}`, instance, () => putInstance.run(instance.handle, JSON.stringify(instance))),
      remove: (handle) => put(`instances/${handle}`, undefined, () => removeInstance.run(handle)),
    },
    slots: {
      list: () => bodies<StoredSlot>(database.prepare("SELECT body FROM slots").all()),
      put: (slot) =>
        put(`slots/${slot.service}/${slot.ordinal}`, slot, () =>
          putSlot.run(slot.service, slot.ordinal, JSON.stringify(slot)),
        ),
      remove: (service, ordinal) =>
        put(`slots/${service}/${ordinal}`, undefined, () => removeSlot.run(service, ordinal)),
    },
    meta: {
      get(key) {
        const newer = waiting(`meta/${key}`);
        if (newer !== undefined) return newer.value as string;
        return (meta.get(key) as { value: string } | undefined)?.value;
      },
      put: (key, value) => put(`meta/${key}`, value, () => putMeta.run(key, value)),
    },
  };
}

function keysOf(database: DatabaseSync, { atomically }: StoreWriter): Store["keys"] {
  const list = database.prepare("SELECT body FROM virtual_keys ORDER BY rowid");
  const put = database.prepare(
    "INSERT INTO virtual_keys (id, body) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET body = excluded.body",
  );
  return {
    list: () => bodies<StoredKey>(list.all()),
    put: (key) => void atomically(() => put.run(key.id, JSON.stringify(key))),
  };
}

function bodies<T>(rows: readonly unknown[]): readonly T[] {
  return (rows as readonly BodyRow[]).map((row) => JSON.parse(row.body) as T);
}
