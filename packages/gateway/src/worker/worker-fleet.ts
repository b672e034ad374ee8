// The worker threads of one gateway: starts them, gives each its own descriptors, replaces one that dies with a spare descriptor of
// every socket. When no spare is left the gateway ends and the keeper starts it anew: the sockets stay open all the while.
import { Worker } from "node:worker_threads";
import type { Clock } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { InheritedListener } from "../listen/parse-inherited-listeners.ts";
import type { SavedLearning } from "../learn/worker-learning.ts";
import type { LimitKeeper } from "../main/limit-keeper.ts";
import type { ScheduleKeeper } from "../schedule/schedule-keeper.ts";
import type { InFlightTable } from "../shared/in-flight-table.ts";
import { clearProbesOf } from "../shared/probe-table.ts";
import type { FromWorker, ToWorker, WorkerData } from "./worker-messages.ts";
import { BLOCKED_MS, createWorkerWatch } from "./worker-watch.ts";

/**
 * Room for young objects in each worker. Left alone, V8 takes 130 MB for it under load; what lives shorter than a request needs no more
 * than this, and a smaller room makes shorter pauses.
 */
export const YOUNG_GENERATION_MB = 24;

/** What the fleet needs. */
export interface WorkerFleetOptions {
  readonly entry: URL;
  readonly workers: number;
  readonly listeners: readonly InheritedListener[];
  readonly inFlight: InFlightTable;
  readonly cooldowns: SharedArrayBuffer;
  readonly probes: SharedArrayBuffer;
  readonly limits: LimitKeeper;
  readonly schedule: ScheduleKeeper;
  readonly journalFolder: string;
  readonly startedAtSeconds: number;
  readonly generation: number;
  /** What the worker in this place has learned before. */
  readonly learnedBy: (worker: number) => SavedLearning | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onMessage: (worker: number, message: FromWorker) => void;
  /** A worker died and another one stands in its place; it has no snapshot yet. */
  readonly onReplaced: (worker: number) => void;
  /** A worker died and cannot be replaced. */
  readonly onExhausted: () => void;
}

/** Running workers. */
export interface WorkerFleet {
  readonly size: number;
  readonly restarts: number;
  send(worker: number, message: ToWorker): void;
  broadcast(message: ToWorker): void;
  /** Ends every thread at once. */
  stop(): Promise<void>;
}

/** Starts the workers. */
export function startWorkerFleet(options: WorkerFleetOptions): WorkerFleet {
  const { logger, inFlight } = options;
  const threads = new Map<number, Worker>();
  let copiesUsed = 0;
  let restarts = 0;
  let isStopping = false;
  const watch = createWorkerWatch(options.clock, (index) => {
    logger.error("a worker is blocked, its thread is ended", { worker: index, silentMs: BLOCKED_MS });
    void threads.get(index)?.terminate();
  });
  const start = (index: number, isReplacement = false): boolean => {
    const copy = copiesUsed;
    const isCovered = options.listeners.every(({ fds }) => fds[copy] !== undefined);
    if (!isCovered) return false;
    copiesUsed += 1;
    const data: WorkerData = {
      entry: options.entry.href,
      workerIndex: index,
      workerCount: options.workers,
      inFlight: inFlight.buffer,
      cooldowns: options.cooldowns,
      probes: options.probes,
      limits: options.limits.buffer,
      schedule: options.schedule.buffers,
      isReplacement,
      journalFolder: options.journalFolder,
      journalWriter: options.limits.writerFor(index),
      descriptors: Object.fromEntries(options.listeners.map(({ id, fds }) => [id, fds[copy] as number])),
      startedAtSeconds: options.startedAtSeconds,
      generation: options.generation,
      learned: options.learnedBy(index),
    };
    const thread = new Worker(options.entry, {
      workerData: data,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    });
    threads.set(index, thread);
    thread.on("message", (message: FromWorker) => {
      watch.heard(index);
      options.onMessage(index, message);
    });
    thread.on("error", (error) => logger.error("a worker failed", { worker: index, error }));
    thread.on("exit", (code) => onExit(index, thread, code));
    options.schedule.onWorkerStarted(index, (port) => thread.postMessage({ type: "arbiter", port }, [port]));
    return true;
  };
  const onExit = (index: number, thread: Worker, code: number): void => {
    if (threads.get(index) !== thread) return;
    threads.delete(index);
    watch.forget(index);
    inFlight.clearRow(index);
    clearProbesOf(options.probes, index);
    options.schedule.onWorkerEnded(index);
    if (!isStopping) options.limits.onWorkerEnded(index);
    if (isStopping) return;
    restarts += 1;
    logger.error("a worker ended", { worker: index, code });
    if (start(index, true)) options.onReplaced(index);
    else options.onExhausted();
  };
  for (let index = 0; index < options.workers; index += 1) {
    if (!start(index)) throw new Error(`worker ${index} has no descriptor for every listener`);
  }
  return {
    get size() {
      return threads.size;
    },
    get restarts() {
      return restarts;
    },
    send: (worker, message) => threads.get(worker)?.postMessage(message),
    broadcast(message) {
      for (const thread of threads.values()) thread.postMessage(message);
    },
    async stop() {
      isStopping = true;
      watch.stop();
      await Promise.all([...threads.values()].map((thread) => thread.terminate()));
    },
  };
}
