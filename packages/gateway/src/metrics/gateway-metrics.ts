// Every metric name of the gateway stands here. Series are looked up once per pool and kept, so a request adds to numbers only.
import type { AttemptOutcome, EjectReason } from "@flyball/core";
import {
  createCounter,
  createGauge,
  createHistogram,
  type Counter,
  type CounterSeries,
  type GaugeSeries,
  type HistogramSeries,
  type MetricFamily,
} from "@flyball/telemetry";
import { createCallMetrics, type CallMetrics } from "./call-metrics.ts";
import { createLimitRefusals, type LimitRefusals } from "./limit-refusals.ts";

/** Classes of what a client got. `499` is a client that left before the answer. */
export const CODE_CLASSES = ["1xx", "2xx", "3xx", "4xx", "499", "5xx"] as const;

/** One class. */
export type CodeClass = (typeof CODE_CLASSES)[number];

/** The kept series of one pool (or of requests that reached no pool: `none`). */
export interface PoolMetrics {
  readonly requests: Readonly<Record<CodeClass, CounterSeries>>;
  readonly duration: HistogramSeries;
  readonly attempts: Readonly<Record<AttemptOutcome, CounterSeries>>;
  readonly retries: CounterSeries;
  readonly waiting: GaugeSeries;
  readonly ejections: Readonly<Record<EjectReason, CounterSeries>>;
}

/** Metrics of one worker. */
export interface GatewayMetrics {
  pool(id: string): PoolMetrics;
  readonly openConnections: GaugeSeries;
  readonly openUpstreamConnections: GaugeSeries;
  readonly refusedConnections: CounterSeries;
  /** By pool and reason. */
  readonly cooldowns: Counter;
  /** By work and outcome. */
  readonly longCalls: Counter;
  /** By pool and flaw. */
  readonly judgedAnswers: Counter;
  /** By pool, priority and reason. */
  readonly shed: Counter;
  /** By model and result: hit, missed, refreshed, passed-by. */
  readonly cacheLookups: Counter;
  readonly limitRefusals: LimitRefusals;
  readonly calls: CallMetrics;
  collect(): MetricFamily[];
}

const OUTCOMES: readonly AttemptOutcome[] = ["succeeded", "server-error", "refused", "reset", "timeout", "cancelled"];

const EJECT_REASONS: readonly EjectReason[] = ["refused", "failing", "stuck", "slow", "asked"];

/** Names of the gauges that the main thread computes at a scrape. */
export const MAIN_METRICS = {
  poolLoad: {
    name: "flyball_pool_weighted_average_load",
    help: "Weighted average load of a pool now, with what waits: sum of weight times load over sum of weights.",
    labelNames: ["pool"],
  },
  poolWal: {
    name: "flyball_pool_wal",
    help: "Weighted average load of a pool with what waits in the gateway, mean over the last second: what it is scaled by.",
    labelNames: ["pool"],
  },
  endpointInFlight: {
    name: "flyball_endpoint_in_flight",
    help: "Requests in flight on an endpoint over all workers.",
    labelNames: ["pool", "endpoint"],
  },
  endpointReserved: {
    name: "flyball_endpoint_reserved",
    help: "What is reserved at an endpoint of a scheduled pool: slots, prompt_tokens, memory_tokens.",
    labelNames: ["pool", "endpoint", "kind"],
  },
  endpointLimit: {
    name: "flyball_endpoint_limit",
    help: "The most that may be reserved at an endpoint of a scheduled pool; absent where there is no such limit.",
    labelNames: ["pool", "endpoint", "kind"],
  },
  endpointShare: {
    name: "flyball_endpoint_share",
    help: "This gateway's part of what an endpoint of a scheduled pool may have at once: of its slots, of its memory_tokens. 1: all of it.",
    labelNames: ["pool", "endpoint", "kind"],
  },
  sharingGateways: {
    name: "flyball_sharing_gateways",
    help: "Gateways that share the endpoints, this one included, as control said last.",
    labelNames: [],
  },
  endedLeases: {
    name: "flyball_endpoint_leases_ended_total",
    help: "Times that this gateway's parts of shared endpoints ended before control renewed them.",
    labelNames: [],
  },
  arbiterRestarts: {
    name: "flyball_arbiter_restarts_total",
    help: "Times that the thread which orders waiting requests died and was replaced.",
    labelNames: [],
  },
  limitStore: {
    name: "flyball_limit_store_seconds",
    help: "Time until the store of limits has answered, of the last 128 answers; absent without a store.",
    labelNames: ["quantile"],
  },
  snapshotVersion: {
    name: "flyball_snapshot_version",
    help: "Version of the snapshot that every worker serves.",
    labelNames: [],
  },
  workers: { name: "flyball_workers", help: "Running worker threads.", labelNames: [] },
  workerRestarts: {
    name: "flyball_worker_restarts_total",
    help: "Worker threads that died and were replaced.",
    labelNames: [],
  },
} as const;

/** Creates the metrics of one worker. */
export function createGatewayMetrics(): GatewayMetrics {
  const requests = createCounter({
    name: "flyball_requests_total",
    help: "Finished requests by pool and class of the status that the client got.",
    labelNames: ["pool", "code_class"],
    maxSeries: 20_000,
  });
  const duration = createHistogram({
    name: "flyball_request_duration_seconds",
    help: "Time from the request's headers to the last byte of its response.",
    labelNames: ["pool"],
    maxSeries: 5_000,
  });
  const attempts = createCounter({
    name: "flyball_attempts_total",
    help: "Ended attempts at endpoints by outcome.",
    labelNames: ["pool", "outcome"],
    maxSeries: 20_000,
  });
  const retries = createCounter({
    name: "flyball_retries_total",
    help: "Attempts after the first.",
    labelNames: ["pool"],
    maxSeries: 5_000,
  });
  const waiting = createGauge({
    name: "flyball_requests_waiting",
    help: "Requests that wait for a place: for an endpoint to become ready, or in front of a full pool.",
    labelNames: ["pool"],
    maxSeries: 5_000,
  });
  const ejections = createCounter({
    name: "flyball_ejections_total",
    help: "Times that an endpoint was ejected, by reason: refused, failing, stuck, slow, asked.",
    labelNames: ["pool", "reason"],
    maxSeries: 20_000,
  });
  const cooldowns = createCounter({
    name: "flyball_cooldowns_total",
    help: "Times that a backend asked for a rest, by reason.",
    labelNames: ["pool", "reason"],
    maxSeries: 5_000,
  });
  const longCalls = createCounter({
    name: "flyball_long_calls_total",
    help: "Long model calls that were read or translated beside the event loop: by work and by what came of it.",
    labelNames: ["work", "outcome"],
    maxSeries: 20,
  });
  const judgedAnswers = createCounter({
    name: "flyball_judged_answers_total",
    help: "Whole answers of models that were looked at, some of all, by what was wrong with them: none, empty, loop, language, schema.",
    labelNames: ["pool", "flaw"],
    maxSeries: 5_000,
  });
  const shed = createCounter({
    name: "flyball_requests_shed_total",
    help: "Requests turned away because more came than the pool can do.",
    labelNames: ["pool", "priority", "reason"],
    maxSeries: 20_000,
  });
  const cacheLookups = createCounter({
    name: "flyball_cache_lookups_total",
    help: "Calls to models that keep answers, by what the cache had.",
    labelNames: ["model", "result"],
    maxSeries: 5_000,
  });
  const limitRefusals = createLimitRefusals();
  const calls = createCallMetrics();
  const open = createGauge({
    name: "flyball_open_connections",
    help: "Open connections by side.",
    labelNames: ["side"],
  });
  const refused = createCounter({
    name: "flyball_malformed_requests_total",
    help: "Connections closed because what they sent is no valid HTTP/1.1 request.",
  });
  const own = [
    requests,
    duration,
    attempts,
    retries,
    waiting,
    ejections,
    cooldowns,
    longCalls,
    judgedAnswers,
    shed,
    cacheLookups,
    open,
    refused,
    limitRefusals,
  ];
  return {
    pool: (id) => ({
      requests: record(CODE_CLASSES, (codeClass) => requests.series(id, codeClass)),
      duration: duration.series(id),
      attempts: record(OUTCOMES, (outcome) => attempts.series(id, outcome)),
      retries: retries.series(id),
      waiting: waiting.series(id),
      ejections: record(EJECT_REASONS, (reason) => ejections.series(id, reason)),
    }),
    openConnections: open.series("client"),
    openUpstreamConnections: open.series("upstream"),
    refusedConnections: refused.series(),
    cooldowns,
    longCalls,
    judgedAnswers,
    shed,
    cacheLookups,
    limitRefusals,
    calls,
    collect: () => [...own.map((metric) => metric.collect()), ...calls.collect()],
  };
}

function record<K extends string, V>(keys: readonly K[], make: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<K, V>;
}
