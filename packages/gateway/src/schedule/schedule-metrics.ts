// What is counted of scheduling in one worker.
import { PRIORITIES } from "@flyball/core";
import {
  createCounter,
  createHistogram,
  type CounterSeries,
  type HistogramSeries,
  type MetricFamily,
} from "@flyball/telemetry";
import type { GrantReason } from "@flyball/traffic";
import type { BookedBy } from "./booking.ts";
import type { PoolQueue } from "./pool-queue.ts";

/** Why a place was given: how it was come by, and where others waited, why it came before them. */
export type PlaceReason = Exclude<BookedBy, "arbiter"> | GrantReason;

const REASONS: readonly PlaceReason[] = [
  "at-once",
  "careful",
  "anyway",
  "deadline",
  "owed",
  "first",
  "oldest",
  "claim",
  "fits",
];

/** The series of one pool. */
export interface QueueMetrics {
  readonly grants: Readonly<Record<PlaceReason, CounterSeries>>;
  /** By index of `PRIORITIES`; seconds of those who waited. */
  readonly waits: readonly HistogramSeries[];
}

/** The metrics. */
export interface ScheduleMetrics {
  pool(id: string): QueueMetrics;
  collect(queues: Iterable<PoolQueue>): MetricFamily[];
}

/** Creates them. */
export function createScheduleMetrics(): ScheduleMetrics {
  const grants = createCounter({
    name: "flyball_grants_total",
    help: "Places that were given in scheduled pools, by why: at once where nobody waited, or what put a request before the others.",
    labelNames: ["pool", "reason"],
    maxSeries: 20_000,
  });
  const waits = createHistogram({
    name: "flyball_queue_wait_seconds",
    help: "Time that requests waited for a place of a scheduled pool; those that did not wait are not in it.",
    labelNames: ["pool", "priority"],
    maxSeries: 10_000,
  });
  return {
    pool: (id) => ({
      grants: Object.fromEntries(
        REASONS.map((reason) => [reason, grants.series(id, reason)]),
      ) as QueueMetrics["grants"],
      waits: PRIORITIES.map((priority) => waits.series(id, priority)),
    }),
    collect: (queues) => [grants.collect(), waits.collect(), lengthsOf(queues)],
  };
}

function lengthsOf(queues: Iterable<PoolQueue>): MetricFamily {
  return {
    name: "flyball_queue_length",
    help: "Requests that wait for a place of a scheduled pool.",
    type: "gauge",
    labelNames: ["pool", "priority"],
    samples: [...queues].flatMap(({ poolId, waiting }) => {
      const counts = PRIORITIES.map(() => 0);
      for (const { priority } of waiting.values()) counts[priority] = (counts[priority] ?? 0) + 1;
      return PRIORITIES.map((priority, index) => ({ labels: [poolId, priority], value: counts[index] ?? 0 }));
    }),
  };
}
