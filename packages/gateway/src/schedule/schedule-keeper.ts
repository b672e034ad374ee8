// The main thread's part in scheduling: the shared memory, the limits of the endpoints, the arbiter thread and what a dead worker held.
import { MessageChannel, Worker, type MessagePort } from "node:worker_threads";
import type { Clock, Snapshot } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { Slot } from "../shared/in-flight-table.ts";
import type { WorkerData } from "../worker/worker-messages.ts";
import { wantedPools } from "../worker/wanted-pools.ts";
import type { ArbiterPool, ArbiterToMain, MainToArbiter } from "./arbiter-messages.ts";
import { createEndpointLimits, type EndpointLimitsWriter } from "./endpoint-limits.ts";
import { createEndpointShares, type EndpointShares } from "./endpoint-shares.ts";
import { tenantWeightsOf, type TenantWeights } from "./pool-knobs.ts";
import {
  createScheduleBuffers,
  wrapScheduleMemory,
  type ScheduleBuffers,
  type ScheduleMemory,
} from "./schedule-memory.ts";
import { createPoolNumbering, type PoolNumbers } from "./scheduled-pools.ts";
import { createShareDesk, type ShareDesk, type ShareDeskOptions } from "./share-desk.ts";

/** How often what the workers' latencies allow is read. */
export const REFRESH_EVERY_MS = 100;
/** An arbiter that died soon after it was started is started again after this long. */
const RESTART_AFTER_MS = 1_000;
/** Room for young objects in the arbiter: what waits is small. */
const YOUNG_GENERATION_MB = 4;

/** What it is made of. */
export interface ScheduleKeeperOptions {
  readonly workers: number;
  /** The file that calls `runGatewayWorker`. */
  readonly workerEntry: URL;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Says to control what is held of shared endpoints; false: there is no link. */
  readonly sendUse: ShareDeskOptions["send"];
  /** What a thread is started with beside its role. */
  readonly arbiterData: () => Omit<WorkerData, "schedule" | "role">;
}

/** The keeper. */
export interface ScheduleKeeper {
  readonly buffers: ScheduleBuffers;
  readonly memory: ScheduleMemory;
  readonly limits: EndpointLimitsWriter;
  /** What this gateway may use of endpoints that it shares with others, and what it says to control of them. */
  readonly shares: EndpointShares;
  readonly shareDesk: ShareDesk;
  /** Arbiters that died and were replaced. */
  readonly arbiterRestarts: number;
  /** A column belongs to another endpoint. */
  onNewColumn(column: number): void;
  /** Workers are about to serve a snapshot. */
  begin(snapshot: Snapshot, slots: Readonly<Record<string, Slot>>): PoolNumbers;
  /** All workers serve it. */
  served(snapshot: Snapshot): void;
  /** A worker's thread runs; `connect` hands it its line to the arbiter, now and whenever there is a new one. */
  onWorkerStarted(worker: number, connect: (port: MessagePort) => void): void;
  /** A worker is gone for certain: all that it held is free. */
  onWorkerEnded(worker: number): void;
  /** Ends the arbiter. Idempotent. */
  stop(): Promise<void>;
}

/** Creates it. With several workers the arbiter's thread starts with the first snapshot that schedules a pool. */
export function createScheduleKeeper(options: ScheduleKeeperOptions): ScheduleKeeper {
  const { workers, clock, logger } = options;
  const buffers = createScheduleBuffers(workers);
  const memory = wrapScheduleMemory(buffers);
  const shares = createEndpointShares(clock.monotonic);
  const limits = createEndpointLimits(memory, shares, clock.monotonic);
  const numbering = createPoolNumbering();
  let slots: Readonly<Record<string, Slot>> = {};
  let numbers: PoolNumbers = {};
  let pools: readonly ArbiterPool[] = [];
  let tenantWeights: TenantWeights = new Map();
  /** Rows of dead workers that the arbiter has not cleared yet. */
  const uncleared = new Set<number>();
  const running = new Map<number, (port: MessagePort) => void>();
  let arbiter: Worker | undefined;
  let startedAt = Number.NEGATIVE_INFINITY;
  let restarts = 0;
  let isStopping = false;
  const shareDesk = createShareDesk({
    clock,
    shares,
    limits,
    book: memory.book,
    waiting: (pool) => (numbers[pool] === undefined ? 0 : memory.counts.from(numbers[pool], 0)),
    send: options.sendUse,
  });
  const stopRefreshing = clock.every(REFRESH_EVERY_MS, () => {
    limits.refresh();
    shareDesk.look();
  });

  const tell = (message: MainToArbiter, transfer: readonly MessagePort[] = []): void =>
    arbiter?.postMessage(message, transfer);
  const clearRow = (row: number): void => {
    memory.book.clearRow(row);
    uncleared.delete(row);
  };
  const connect = (worker: number, hand: (port: MessagePort) => void): void => {
    const { port1, port2 } = new MessageChannel();
    tell({ type: "worker", row: worker, port: port1 }, [port1]);
    hand(port2);
  };
  const start = (): void => {
    if (isStopping || workers === 1 || arbiter !== undefined) return;
    // No arbiter lives, and a dead worker's row has no other writer: whatever was not cleared is cleared here.
    for (const row of uncleared) clearRow(row);
    startedAt = clock.monotonic();
    const thread = new Worker(options.workerEntry, {
      workerData: { ...options.arbiterData(), schedule: buffers, role: "arbiter" } satisfies WorkerData,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    arbiter = thread;
    thread.on("message", (message: ArbiterToMain) => void uncleared.delete(message.row));
    thread.on("error", (error) => logger.error("the arbiter failed", { error }));
    thread.on("exit", (code) => onExit(thread, code));
    tell({ type: "pools", pools, tenantWeights });
    for (const [worker, hand] of running) connect(worker, hand);
  };
  const onExit = (thread: Worker, code: number): void => {
    if (arbiter !== thread) return;
    arbiter = undefined;
    if (isStopping) return;
    restarts += 1;
    logger.error("the arbiter ended", { code });
    if (clock.monotonic() - startedAt > RESTART_AFTER_MS) start();
    else clock.after(RESTART_AFTER_MS, start);
  };
  const keeper: ScheduleKeeper = {
    buffers,
    memory,
    limits,
    shares,
    shareDesk,
    get arbiterRestarts() {
      return restarts;
    },
    onNewColumn: (column) => memory.book.renew(column),
    begin(snapshot, assigned) {
      slots = assigned;
      numbers = numbering.assign(snapshot);
      limits.apply(snapshot, assigned);
      shareDesk.onEndpoints();
      if (Object.keys(numbers).length > 0 && startedAt === Number.NEGATIVE_INFINITY) start();
      return numbers;
    },
    served(snapshot) {
      numbering.retain(snapshot);
      limits.served();
      pools = arbiterPools(snapshot, slots, numbers);
      tenantWeights = tenantWeightsOf(snapshot);
      tell({ type: "pools", pools, tenantWeights });
    },
    onWorkerStarted(worker, hand) {
      running.set(worker, hand);
      if (arbiter !== undefined) connect(worker, hand);
    },
    onWorkerEnded(worker) {
      running.delete(worker);
      memory.counts.clearRow(worker);
      memory.gates.fill(0, (worker * memory.gates.length) / workers, ((worker + 1) * memory.gates.length) / workers);
      if (workers === 1) {
        clearRow(worker);
        return;
      }
      // Only the arbiter writes in it still, so only the arbiter knows when nothing more will be written.
      uncleared.add(worker);
      if (arbiter === undefined) clearRow(worker);
      else tell({ type: "row-died", row: worker });
    },
    async stop() {
      isStopping = true;
      stopRefreshing();
      await arbiter?.terminate();
    },
  };
  return keeper;
}

function arbiterPools(
  snapshot: Snapshot,
  slots: Readonly<Record<string, Slot>>,
  numbers: PoolNumbers,
): readonly ArbiterPool[] {
  return wantedPools(snapshot).flatMap(({ id, endpoints, balance, schedule }) => {
    const number = numbers[id];
    if (number === undefined) return [];
    const serving = endpoints.flatMap((endpoint) => {
      const slot = endpoint.state === "serving" ? slots[endpoint.id] : undefined;
      return slot === undefined ? [] : [slot];
    });
    return [{ number, slots: serving, balance, schedule }];
  });
}
