// Metrics of the whole gateway: those of all workers added up, those of dead workers kept, and the gauges that only the main thread
// can compute.
import { mergeFamilies, type MetricFamily, type MetricSample } from "@flyball/telemetry";
import type { Clock } from "@flyball/core";
import type { RoundTrips } from "@flyball/traffic";
import type { PoolView, ReservedView } from "../admin/endpoints-view.ts";
import type { EndpointShares } from "../schedule/endpoint-shares.ts";
import { MAIN_METRICS } from "./gateway-metrics.ts";

/** How long a scrape waits for a busy worker before it takes the numbers that it said last. */
export const COLLECT_LIMIT_MS = 500;

/** What the main thread adds. */
export interface MainNumbers {
  readonly pools: readonly PoolView[];
  /** WAL with what waits, by pool. */
  readonly loads: ReadonlyMap<string, number>;
  readonly snapshotVersion: number;
  readonly workers: number;
  readonly workerRestarts: number;
  readonly arbiterRestarts: number;
  /** Of the store of limits, if there is one. */
  readonly limitStore: Pick<RoundTrips, "medianMs" | "tailMs"> | undefined;
  readonly shares: Pick<EndpointShares, "gateways" | "ended">;
}

/** Collects over workers. */
export interface MetricsCollector {
  /** A worker's answer, or what it said at its end. */
  onFamilies(worker: number, id: number, families: readonly MetricFamily[]): void;
  /** Its counts so far stay in the totals; the one in its place starts at zero. */
  onWorkerEnded(worker: number): void;
  collect(workers: readonly number[], ask: (worker: number, id: number) => void): Promise<MetricFamily[]>;
}

/** Creates a collector. */
export function createMetricsCollector(clock: Clock): MetricsCollector {
  const last = new Map<number, readonly MetricFamily[]>();
  let ended: MetricFamily[] = [];
  let nextId = 1;
  const open = new Map<number, { missing: Set<number>; done: () => void }>();
  return {
    onFamilies(worker, id, families) {
      last.set(worker, families);
      const request = open.get(id);
      if (request?.missing.delete(worker) && request.missing.size === 0) request.done();
    },
    onWorkerEnded(worker) {
      const families = last.get(worker) ?? [];
      last.delete(worker);
      ended = mergeFamilies([ended, families.filter(({ type }) => type !== "gauge")]);
    },
    async collect(workers, ask) {
      const id = nextId;
      nextId += 1;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(COLLECT_LIMIT_MS, () => done());
        const done = (): void => {
          cancel();
          open.delete(id);
          resolve();
        };
        open.set(id, { missing: new Set(workers), done });
        for (const worker of workers) ask(worker, id);
        if (workers.length === 0) done();
      });
      return mergeFamilies([ended, ...last.values()]);
    },
  };
}

type ReservedKind = "slots" | "prompt_tokens" | "memory_tokens";

/** Samples of the scheduled endpoints; null: there is none of that kind. */
function reservedSamples(
  pools: readonly PoolView[],
  read: (reserved: ReservedView) => Readonly<Partial<Record<ReservedKind, number | null>>>,
): MetricSample[] {
  return pools.flatMap((pool) =>
    pool.endpoints.flatMap(({ id, reserved }) =>
      reserved === undefined
        ? []
        : Object.entries(read(reserved)).flatMap(([kind, value]) =>
            value === null ? [] : [{ labels: [pool.id, id, kind], value }],
          ),
    ),
  );
}

function limitStoreSamples(store: MainNumbers["limitStore"]): MetricSample[] {
  if (!store) return [];
  return [
    { labels: ["0.5"], value: store.medianMs / 1_000 },
    { labels: ["0.99"], value: store.tailMs / 1_000 },
  ];
}

/** The main thread's own families. */
export function mainFamilies(numbers: MainNumbers): MetricFamily[] {
  const single = (value: number): MetricSample[] => [{ labels: [], value }];
  return [
    {
      ...MAIN_METRICS.poolLoad,
      type: "gauge",
      samples: numbers.pools.map((pool) => ({
        labels: [pool.id],
        value: pool.weightedAverageLoad,
      })),
    },
    {
      ...MAIN_METRICS.poolWal,
      type: "gauge",
      samples: [...numbers.loads].map(([pool, value]) => ({ labels: [pool], value })),
    },
    {
      ...MAIN_METRICS.endpointReserved,
      type: "gauge",
      samples: reservedSamples(numbers.pools, ({ active, prefillTokens, kvTokens }) => ({
        slots: active,
        prompt_tokens: prefillTokens,
        memory_tokens: kvTokens,
      })),
    },
    {
      ...MAIN_METRICS.endpointLimit,
      type: "gauge",
      samples: reservedSamples(numbers.pools, ({ activeCap, prefillTokenCap, kvTokenCap }) => ({
        slots: activeCap,
        prompt_tokens: prefillTokenCap,
        memory_tokens: kvTokenCap,
      })),
    },
    {
      ...MAIN_METRICS.endpointShare,
      type: "gauge",
      samples: reservedSamples(numbers.pools, ({ slotShare, memoryShare }) => ({
        slots: slotShare,
        memory_tokens: memoryShare,
      })),
    },
    { ...MAIN_METRICS.sharingGateways, type: "gauge", samples: single(numbers.shares.gateways) },
    { ...MAIN_METRICS.endedLeases, type: "counter", samples: single(numbers.shares.ended) },
    { ...MAIN_METRICS.arbiterRestarts, type: "counter", samples: single(numbers.arbiterRestarts) },
    {
      ...MAIN_METRICS.endpointInFlight,
      type: "gauge",
      samples: numbers.pools.flatMap((pool) =>
        pool.endpoints.map((endpoint) => ({
          labels: [pool.id, endpoint.id],
          value: endpoint.inFlight,
        })),
      ),
    },
    { ...MAIN_METRICS.limitStore, type: "gauge", samples: limitStoreSamples(numbers.limitStore) },
    { ...MAIN_METRICS.snapshotVersion, type: "gauge", samples: single(numbers.snapshotVersion) },
    { ...MAIN_METRICS.workers, type: "gauge", samples: single(numbers.workers) },
    { ...MAIN_METRICS.workerRestarts, type: "counter", samples: single(numbers.workerRestarts) },
  ];
}
