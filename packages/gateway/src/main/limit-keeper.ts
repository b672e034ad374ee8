// The main thread's part in limits and ledger: it gives every limit its counter, brings back what a gateway before this one counted, turns
// the periods of budgets, takes back what a dead worker held, and clears away journals that control has imported.
import { randomBytes } from "node:crypto";
import type { CancelTimer, Clock, KnownSpending, Snapshot } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { RoundTrips } from "@flyball/traffic";
import { isProcessAlive, readProcessIdentity } from "@flyball/wire";
import { journalWriterName } from "../ledger/journal-disk.ts";
import { writeRates } from "../ledger/rates-file.ts";
import { removeConfirmedJournals } from "../ledger/remove-confirmed.ts";
import { replayJournals, type Replayed } from "../ledger/replay.ts";
import { createDeadWriters } from "../ledger/dead-writers.ts";
import { restoreLimits } from "../ledger/restore-limits.ts";
import { createLeases } from "../limits/lease/follow-store.ts";
import { createGatewayCount } from "../limits/gateway-count.ts";
import { limitMemoryBytes, wrapLimitMemory } from "../limits/limit-layout.ts";
import { createLimitRegistry, type CompiledLimits } from "../limits/limit-registry.ts";
import { reclaimWorker } from "../limits/reclaim-worker.ts";
import { isGone } from "../limits/sign-of-life.ts";

/** What it is made of. */
export interface LimitKeeperOptions {
  readonly journalFolder: string;
  readonly workers: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Calls that wait for a lease try again. */
  readonly wake: () => void;
}

/** The keeper of limits. */
export interface LimitKeeper {
  readonly buffer: SharedArrayBuffer;
  /** The limits of a snapshot; undefined when there are too many. The first call brings back what the journals know. */
  compile(snapshot: Snapshot, secrets: Readonly<Record<string, string>>): CompiledLimits | undefined;
  /** What control knows to be spent by now. It may be more than a gateway without journals found in its stored snapshot. */
  know(spent: readonly KnownSpending[]): void;
  /** So many gateways take new requests. Without a store that they share each has its part of every rate and of requests at once. */
  hearGateways(serving: number): void;
  /** By how many gateways limits are divided. */
  dividedBy(): number;
  /** A worker has little left of what is leased, or calls wait. */
  onLow(): void;
  /** How long the store that gateways share took to answer of late; undefined without one. */
  storeRoundTrips(): RoundTrips | undefined;
  /** Resolves when limits can be served: a store that gateways share is joined, or known to be lost. */
  ready(): Promise<void>;
  /** A new writer's name for a worker that starts. */
  writerFor(worker: number): string;
  /** A worker is gone for certain. */
  onWorkerEnded(worker: number): void;
  /** Stops the timers; what counts in the rates is written a last time. Idempotent. */
  stop(): Promise<void>;
}

const TURN_EVERY_MS = 1_000;
const CLEAR_EVERY_MS = 10_000;

/** Creates it; the timers run from the first snapshot with limits on. */
export function createLimitKeeper(options: LimitKeeperOptions): LimitKeeper {
  const { journalFolder, workers, clock, logger } = options;
  const buffer = new SharedArrayBuffer(limitMemoryBytes(workers));
  const memory = { ...wrapLimitMemory(buffer), onHeldUp: (holder: number): void => onHeldUp(holder) };
  const registry = createLimitRegistry(memory, workers);
  const identity = readProcessIdentity(process.pid);
  const writers = new Map<number, string>();
  const timers: CancelTimer[] = [];
  let replayed: Replayed | undefined;
  /** What gateways before this one left is in the limits, but not on the disk, which did not take it. */
  let isUnsettled = false;
  let isWritingRates = false;
  let hasStore = false;
  const leases = createLeases({ ...options, memory, registry });
  const count = createGatewayCount();
  let dividedBy = 1;
  const divide = (): void => {
    const wanted = hasStore ? 1 : count.gateways;
    if (wanted === dividedBy) return;
    dividedBy = wanted;
    registry.divideBy(wanted);
    if (wanted === 1) logger.info("limits are whole here again");
    else logger.warn("there is no store of limits: each gateway takes its part of them", { gateways: wanted });
  };

  const newWriter = (worker: number | "main"): string =>
    `${journalWriterName(clock.now(), process.pid, worker)}-${randomBytes(3).toString("hex")}`;
  const reclaim = (dead: number): number =>
    reclaimWorker(memory, { dead, holder: workers, workers, kinds: registry.kinds }, clock.now());
  // The end of a worker is heard in a later turn, which never comes while this thread waits for what that held.
  const onHeldUp = (holder: number): void => {
    if (holder < 0 || holder >= workers || !isGone(memory, holder)) return;
    logger.error("a worker ended inside the lock of the limits", { worker: holder, lost: reclaim(holder) });
  };
  const replay = (): Replayed => {
    const found = replayJournals({
      folder: journalFolder,
      writer: newWriter("main"),
      identity,
      now: clock.now(),
      // A worker of this process that has begun already is at work too.
      isAlive: (open) => isProcessAlive(open.identity),
    });
    if (found.unwritten !== undefined && !isUnsettled) {
      logger.error("what a gateway that ended left counts in the limits but cannot be written; it is tried again", {
        reason: found.unwritten.message,
      });
    }
    isUnsettled = found.unwritten !== undefined;
    if (found.lostCalls > 0 && !isUnsettled) {
      logger.warn("calls of a gateway that ended were settled", { calls: found.lostCalls });
    }
    return found;
  };
  const deadWriters = createDeadWriters({ folder: journalFolder, identity, clock, logger, newWriter });
  const dumpRates = async (): Promise<void> => {
    if (isWritingRates || registry.kinds.size === 0) return;
    isWritingRates = true;
    try {
      await writeRates(journalFolder, registry.dumpRates(clock.now()));
    } catch (error) {
      logger.warn("what counts in the rates cannot be written", { error });
    }
    isWritingRates = false;
  };
  const startTimers = (): void => {
    timers.push(
      clock.every(TURN_EVERY_MS, () => {
        registry.turnPeriods(clock.now());
        void dumpRates();
      }),
      clock.every(CLEAR_EVERY_MS, () => {
        if (isUnsettled) replay();
        deadWriters.settle();
        removeConfirmedJournals(journalFolder).catch((error: unknown) =>
          logger.warn("imported journals cannot be removed", { error }),
        );
      }),
    );
  };
  // Before the first snapshot there is nothing to raise; with a store, the sums of all gateways are the store's to count.
  const know = (spent: readonly KnownSpending[]): void => {
    if (replayed && !hasStore) for (const each of spent) registry.raiseSpent(each);
  };
  return {
    buffer,
    compile(snapshot, secrets) {
      const now = clock.now();
      hasStore = snapshot.limitStore !== undefined;
      divide();
      const compiled = registry.compile(snapshot, now);
      if (!compiled) return compiled;
      if (!replayed) {
        replayed = replay();
        // With a store, what control knows of all gateways is told to it and is no spending of this one.
        const known = snapshot.limitStore ? [] : (snapshot.spent ?? []);
        restoreLimits(registry, replayed, { timeZone: snapshot.timeZone ?? "UTC", now, known });
        startTimers();
      } else know(snapshot.spent ?? []);
      leases.follow(snapshot, secrets);
      return compiled;
    },
    know,
    hearGateways(serving) {
      if (count.hear(serving, clock.monotonic())) divide();
    },
    dividedBy: () => dividedBy,
    onLow: () => leases.onLow(),
    storeRoundTrips: () => leases.roundTrips(),
    ready: () => leases.ready(),
    writerFor(worker) {
      const name = newWriter(worker);
      writers.set(worker, name);
      return name;
    },
    onWorkerEnded(worker) {
      const lost = reclaim(worker);
      const writer = writers.get(worker);
      if (writer === undefined) return;
      deadWriters.add(writer);
      const settled = deadWriters.settle();
      if (lost + settled > 0) logger.error("a worker ended with calls in flight", { worker, lost, settled });
    },
    async stop() {
      for (const cancel of timers.splice(0)) cancel();
      await leases.stop();
      await dumpRates();
    },
  };
}
