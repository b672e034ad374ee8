// What control remembers over restarts, behind one interface so that another database can stand behind it. SQLite blocks the event
// loop, so rows are small and written only when something changed; the gateway never opens the store (design §5).
import type {
  AppEvent,
  AuditAction,
  AuditQuery,
  AuditRecord,
  Composed,
  Incident,
  Override,
  Revision,
  RevisionSummary,
} from "@flyball/core";
import type { StoredKey } from "../keys/stored-key.ts";
import type { NoticeStore } from "../notify/notice-store.ts";
import type { JobRun } from "../reconcile/service-view.ts";

/** What is kept of an instance so that a restarted control does not take its endpoint away before it has probed it. */
export interface StoredInstance {
  readonly handle: string;
  /** exited: its end is recorded; it is kept until the driver has forgotten it, so that it is not recorded twice. */
  readonly phase: "starting" | "ready" | "unhealthy" | "draining" | "stopping" | "exited";
  readonly readyAt?: number;
}

/** What is kept of a slot. */
export interface StoredSlot {
  readonly service: string;
  readonly ordinal: number;
  readonly crashes: number;
  readonly restarts: number;
  readonly startingSince?: number;
  /** The restart that was due when control went. */
  readonly waiting?: {
    readonly handle: string;
    readonly reason: string;
    readonly isCrashLoop: boolean;
    readonly isExcused?: boolean;
    readonly restartAt?: number;
  } & Composed<"reason">;
}

/** An event without its number and time. */
export type NewEvent = DistributiveOmit<AppEvent, "sequence" | "at">;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** A new entry of the audit trail. */
export interface AuditEntry extends Omit<AuditRecord, "sequence" | "at" | "action"> {
  readonly action: AuditAction;
}

/**
 * The store. Each method's change is there whole or not at all, and stays. What people ask for (revisions, overrides, keys) throws
 * FB_CONTROL_STORE_UNWRITABLE when the disk does not take it; what control notes by itself (all else) then waits in memory and is read from
 * there, so that a full disk does not end healing.
 */
export interface Store {
  /** Several changes as one: all of them, or none and the error. Reads inside see them. FB_CONTROL_STORE_UNWRITABLE. */
  atomically<T>(run: () => T): T;
  /** Tries to write what waits. FB_CONTROL_STORE_UNWRITABLE while it cannot. */
  catchUp(): void;
  readonly revisions: {
    latest(): Revision | undefined;
    get(number: number): Revision | undefined;
    list(): readonly RevisionSummary[];
    append(entry: Omit<Revision, "number">): Revision;
  };
  readonly overrides: {
    list(): readonly Override[];
    /** One override a field: an earlier one of the field goes. */
    put(override: Override): void;
    remove(ids: readonly string[]): void;
  };
  readonly incidents: {
    nextNumber(): number;
    put(incident: Incident): void;
    get(numberOrId: string): Incident | undefined;
    list(options: { limit: number; state?: string }): readonly Incident[];
    /** Incidents that are not closed and not recovered. */
    open(): readonly Incident[];
  };
  readonly events: {
    /** Keeps the newest 10,000. */
    append(event: NewEvent, at: number): AppEvent;
    after(sequence: number, limit: number): readonly AppEvent[];
    lastSequence(): number;
  };
  readonly jobs: {
    get(service: string, key: string): JobRun | undefined;
    put(run: JobRun): void;
    remove(service: string, key: string): void;
  };
  readonly instances: {
    list(): readonly StoredInstance[];
    put(instance: StoredInstance): void;
    remove(handle: string): void;
  };
  readonly slots: {
    list(): readonly StoredSlot[];
    put(slot: StoredSlot): void;
    remove(service: string, ordinal: number): void;
  };
  readonly keys: {
    /** Oldest first, revoked ones too. */
    list(): readonly StoredKey[];
    put(key: StoredKey): void;
  };
  readonly notices: NoticeStore;
  readonly meta: { get(key: string): string | undefined; put(key: string, value: string): void };
  readonly audit: {
    append(entry: AuditEntry, at: number): void;
    /** The newest ones, oldest of them first. */
    list(query: AuditQuery): readonly AuditRecord[];
  };
  /** Writes what waits if the disk takes it. */
  close(): void;
}
