// What a worker schedules with: the shared memory, its own row in it, and its line to the arbiter.
import type { Clock, Random } from "@flyball/core";
import type { ArbiterLine } from "./arbiter-line.ts";
import type { ArbiterPool } from "./arbiter-messages.ts";
import type { Booking } from "./booking.ts";
import type { TenantWeights } from "./pool-knobs.ts";
import { createLocalLine } from "./local-line.ts";
import { createExplainLog, type ExplainLog } from "./explain-log.ts";
import { takeGrant, takeLoss, type PoolQueue } from "./pool-queue.ts";
import { createRemoteLine, type RemoteLine } from "./remote-line.ts";
import { createScheduleMetrics, type ScheduleMetrics } from "./schedule-metrics.ts";
import type { ScheduleMemory } from "./schedule-memory.ts";
import { createReadingList, type ReadingList } from "./reading-list.ts";
import type { SlotCheck } from "./slot-check.ts";
import { createWorkEstimator, type WorkEstimator } from "./work-estimator.ts";

/** The scheduling of one worker. */
export interface WorkerSchedule {
  readonly row: number;
  readonly memory: ScheduleMemory;
  readonly clock: Clock;
  readonly random: Random;
  readonly arbiter: ArbiterLine;
  readonly estimator: WorkEstimator;
  readonly reading: ReadingList;
  /** Places that requests of this worker hold. Bounded by the requests in flight. */
  readonly held: Set<Booking>;
  /** By the number of the pool; bounded by the pools that the snapshots have named. */
  readonly queues: Map<number, PoolQueue>;
  readonly metrics: ScheduleMetrics;
  readonly explained: ExplainLog;
  /** This worker may take places: nothing of a dead one is in its row any more. */
  isOpen: boolean;
  /** Requests numbered so far. */
  lastNumber: number;
}

/** What it is made of. */
export interface WorkerScheduleOptions {
  readonly row: number;
  readonly memory: ScheduleMemory;
  readonly clock: Clock;
  readonly random: Random;
  readonly check: SlotCheck;
  /** A worker before this one had the row: it is taken only when the arbiter says that it is empty. */
  readonly isReplacement: boolean;
}

/** Makes it. With one worker the arbiter runs inside; with several the line waits for `RemoteLine.connect`. */
export function createWorkerSchedule(options: WorkerScheduleOptions): WorkerSchedule {
  const { row, memory, clock, random, check, isReplacement } = options;
  const schedule: WorkerSchedule = {
    row,
    memory,
    clock,
    random,
    estimator: createWorkEstimator(),
    reading: createReadingList(clock, () => schedule),
    held: new Set(),
    queues: new Map(),
    metrics: createScheduleMetrics(),
    explained: createExplainLog(),
    isOpen: memory.rows === 1 || !isReplacement,
    lastNumber: 0,
    arbiter:
      memory.rows === 1
        ? createLocalLine({
            memory,
            clock,
            random,
            check,
            onGrant: (grant) => takeGrant(schedule, grant),
            onLost: (pool, id) => takeLoss(schedule, pool, id),
          })
        : createRemoteLine(clock, {
            counts: memory.counts,
            onGrant: (grant) => takeGrant(schedule, grant),
            onLost: (pool, id) => takeLoss(schedule, pool, id),
            onWelcome: () => begin(schedule),
          }),
  };
  return schedule;
}

/** The line to an arbiter thread; undefined where the arbiter runs inside. */
export function remoteLineOf({ arbiter }: WorkerSchedule): RemoteLine | undefined {
  return "connect" in arbiter ? (arbiter as RemoteLine) : undefined;
}

/** Tells an arbiter that runs inside of its pools; another one hears it from the main thread. */
export function tellPools(
  { arbiter }: WorkerSchedule,
  pools: readonly ArbiterPool[],
  tenantWeights?: TenantWeights,
): void {
  arbiter.setPools?.(pools, tenantWeights);
  arbiter.look();
}

/** A new arbiter: what this row holds is what this worker knows of, and whoever waits is told to it. */
function begin(schedule: WorkerSchedule): void {
  const { memory, row, held, queues, arbiter } = schedule;
  memory.book.restoreRow(
    row,
    Array.from(held, ({ reservation }) => reservation),
  );
  schedule.isOpen = true;
  for (const { number, waiting } of queues.values()) {
    const requests = [...waiting.values()].flatMap(({ request, isParked }) => (isParked ? [] : [request]));
    if (requests.length > 0) arbiter.arrive(number, requests);
  }
}
