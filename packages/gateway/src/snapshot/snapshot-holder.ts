// The snapshot that the gateway serves: checks a new one, gives its endpoints slots, fetches the secrets that it names, hands it to
// every worker, and counts it as served when all have said so. One at a time, and of those that wait only the newest.
import type { Clock, Snapshot } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { InFlightTable } from "../shared/in-flight-table.ts";
import { MAX_COUNTERS } from "../limits/limit-layout.ts";
import type { CompiledLimits } from "../limits/limit-registry.ts";
import type { ScheduleKeeper } from "../schedule/schedule-keeper.ts";
import { createSlotAssignment } from "../shared/slot-assignment.ts";
import type { FromWorker, ToWorker } from "../worker/worker-messages.ts";
import { endpointIdsOf, secretNamesOf } from "../worker/prepared-snapshot.ts";
import { checkSnapshot } from "./check-snapshot.ts";
import { readSecrets } from "./read-secrets.ts";

/** What the holder needs. */
export interface SnapshotHolderOptions {
  readonly workers: number;
  readonly inFlight: InFlightTable;
  readonly schedule: Pick<ScheduleKeeper, "onNewColumn" | "begin" | "served">;
  /** undefined: there are more limits than counters. */
  readonly compileLimits: (snapshot: Snapshot, secrets: Readonly<Record<string, string>>) => CompiledLimits | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly readSecrets: (names: readonly string[]) => Promise<Readonly<Record<string, string>>>;
  readonly send: (worker: number, message: ToWorker) => void;
  readonly onApplied: (snapshot: Snapshot) => void;
  readonly onRefused: (version: number, reason: string) => void;
  /** Main-thread listeners of a snapshot (admin) are opened here before it counts as served. */
  readonly openAdmin: (snapshot: Snapshot) => Promise<void>;
}

/** The holder. */
export interface SnapshotHolder {
  /** Served by every worker; undefined before the first. */
  readonly current: Snapshot | undefined;
  /** Offers a value from the link. */
  offer(value: unknown): void;
  /** Offers a value from the file: of no interest once control has spoken, however long the reading took. */
  offerStored(value: unknown): void;
  onWorkerMessage(worker: number, message: Extract<FromWorker, { type: "applied" | "refused" }>): void;
  /** A fresh worker needs what the others serve. */
  onWorkerReplaced(worker: number): void;
  slotOf(endpoint: string): ReturnType<ReturnType<typeof createSlotAssignment>["of"]>;
}

interface Applying {
  readonly snapshot: Snapshot;
  /** Workers that have not said that they serve it. */
  readonly missing: Set<number>;
  refusal: string | undefined;
}

/** Creates an empty holder. */
export function createSnapshotHolder(options: SnapshotHolderOptions): SnapshotHolder {
  const slots = createSlotAssignment(options.inFlight, (column) => options.schedule.onNewColumn(column));
  let current: Snapshot | undefined;
  let lastMessage: ServeMessage | undefined;
  let waiting: Snapshot | undefined;
  let applying: Applying | undefined;

  const begin = async (snapshot: Snapshot): Promise<void> => {
    applying = { snapshot, missing: new Set(workerIndices(options.workers)), refusal: undefined };
    const assigned = slots.assign(endpointIdsOf(snapshot));
    if (!assigned) return finish("there is no slot left for its endpoints");
    const { clock, logger } = options;
    const names = secretNamesOf(snapshot);
    const isPointless = (): boolean => waiting !== undefined;
    const secrets = await readSecrets({ names, read: options.readSecrets, clock, logger, isPointless });
    if (!secrets) return finish(undefined);
    const limits = options.compileLimits(snapshot, secrets);
    if (!limits) return finish(`it has more than ${MAX_COUNTERS} limits`);
    await options.openAdmin(snapshot);
    const listeners = snapshot.listeners.filter(({ kind }) => kind !== "admin");
    const poolNumbers = options.schedule.begin(snapshot, assigned);
    lastMessage = { type: "serve", prepared: { snapshot, slots: assigned, secrets, limits, poolNumbers }, listeners };
    for (const worker of workerIndices(options.workers)) options.send(worker, lastMessage);
  };
  const finish = (refusal: string | undefined): void => {
    const done = applying;
    applying = undefined;
    if (done && refusal !== undefined) options.onRefused(done.snapshot.version, refusal);
    else if (done?.missing.size === 0) {
      current = done.snapshot;
      slots.retain(endpointIdsOf(done.snapshot));
      options.schedule.served(done.snapshot);
      options.onApplied(done.snapshot);
    }
    const next = waiting;
    waiting = undefined;
    if (next) void begin(next);
  };
  const offerValid = (snapshot: Snapshot): void => {
    const newest = waiting ?? applying?.snapshot ?? current;
    if (newest?.version === snapshot.version && newest.hash === snapshot.hash) {
      if (newest === current) options.onApplied(snapshot);
    } else if (applying) waiting = snapshot;
    else void begin(snapshot);
  };
  const offer = (value: unknown): void => {
    const checked = checkSnapshot(value);
    if (checked.kind === "valid") offerValid(checked.snapshot);
    else options.onRefused(versionOf(value), checked.reason);
  };
  return {
    get current() {
      return current;
    },
    offer,
    offerStored: (value) => (current || applying ? undefined : offer(value)),
    onWorkerMessage(worker, message) {
      const { version, hash } = applying?.snapshot ?? {};
      if (!applying || version !== message.version || hash !== message.hash) return;
      applying.missing.delete(worker);
      if (message.type === "refused") applying.refusal = message.reason;
      if (applying.missing.size === 0) finish(applying.refusal);
    },
    onWorkerReplaced(worker) {
      if (lastMessage) options.send(worker, lastMessage);
    },
    slotOf: (endpoint) => slots.of(endpoint),
  };
}

type ServeMessage = Extract<ToWorker, { type: "serve" }>;

function versionOf(value: unknown): number {
  const version = (value as Partial<Snapshot> | null)?.version;
  return typeof version === "number" ? version : 0;
}

function workerIndices(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
