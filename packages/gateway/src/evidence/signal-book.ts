// Evidence of all workers on its way to control. It is merged per endpoint and per pool until it is sent, so while control is away it
// grows with the number of endpoints and not with the load: at most 4,096 endpoints and as many pools, beyond that the least recently
// changed one is given up.
import type { PoolEvidence, RequestEvidence, Signal } from "@flyball/core";
import type { EndpointEvidence } from "./endpoint-evidence.ts";
import type { PoolSums } from "./pool-evidence.ts";

/** Endpoints and pools that are kept. */
export const MAX_KEPT = 4_096;

/** What the main thread knows at the moment of sending. */
export interface LoadView {
  inFlight(endpoint: string): number;
  weightedAverageLoad(pool: string): number;
}

/** The book. */
export interface SignalBook {
  add(endpoints: readonly EndpointEvidence[], pools: readonly PoolSums[], now: number): void;
  /** Takes everything as signals; empty when there is nothing to say. */
  take(load: LoadView, now: number): Signal[];
}

type Kept<T> = T & { from: number };

/** Creates an empty book. */
export function createSignalBook(): SignalBook {
  const endpoints = new Map<string, Kept<EndpointEvidence>>();
  const pools = new Map<string, Kept<PoolSums>>();
  const keep = <T extends object>(
    map: Map<string, Kept<T>>,
    key: string,
    next: T,
    now: number,
    merge: (known: T, next: T) => void,
  ): void => {
    const known = map.get(key);
    map.delete(key);
    if (known) {
      merge(known, next);
      map.set(key, known);
      return;
    }
    if (map.size >= MAX_KEPT) map.delete(map.keys().next().value as string);
    map.set(key, { ...next, from: now });
  };
  return {
    add(moreEndpoints, morePools, now) {
      for (const next of moreEndpoints) keep(endpoints, next.endpoint, next, now, mergeEndpoint);
      for (const next of morePools) keep(pools, next.pool, next, now, mergePool);
    },
    take(load, now) {
      const signals: Signal[] = [];
      for (const kept of endpoints.values()) signals.push(requestEvidence(kept, load, now));
      for (const kept of pools.values()) signals.push(poolEvidence(kept, load, now));
      endpoints.clear();
      pools.clear();
      return signals;
    },
  };
}

function mergeEndpoint(known: EndpointEvidence, next: EndpointEvidence): void {
  for (const [outcome, count] of Object.entries(next.outcomes)) {
    const name = outcome as keyof EndpointEvidence["outcomes"];
    known.outcomes[name] = (known.outcomes[name] ?? 0) + count;
  }
  known.latencySumMs += next.latencySumMs;
  known.latencyMaxMs = Math.max(known.latencyMaxMs, next.latencyMaxMs);
  known.lastGoodAt = latest(known.lastGoodAt, next.lastGoodAt);
  known.firstBadAt = earliest(known.firstBadAt, next.firstBadAt);
  if ((next.lastBadAt ?? 0) >= (known.lastBadAt ?? 0)) {
    known.lastFailure = next.lastFailure ?? known.lastFailure;
  }
  known.lastBadAt = latest(known.lastBadAt, next.lastBadAt);
}

function mergePool(known: PoolSums, next: PoolSums): void {
  known.succeeded += next.succeeded;
  known.failed += next.failed;
  known.retried += next.retried;
  known.ended += next.ended;
  known.refused += next.refused;
  known.lastGoodAt = latest(known.lastGoodAt, next.lastGoodAt);
  known.firstBadAt = earliest(known.firstBadAt, next.firstBadAt);
}

function requestEvidence(kept: Kept<EndpointEvidence>, load: LoadView, now: number): RequestEvidence {
  return {
    kind: "requests",
    pool: kept.pool,
    endpoint: kept.endpoint,
    from: kept.from,
    to: now,
    outcomes: kept.outcomes,
    inFlight: load.inFlight(kept.endpoint),
    latencySumMs: kept.latencySumMs,
    latencyMaxMs: kept.latencyMaxMs,
    ...(kept.lastGoodAt === undefined ? {} : { lastGoodAt: kept.lastGoodAt }),
    ...(kept.firstBadAt === undefined ? {} : { firstBadAt: kept.firstBadAt }),
    ...(kept.lastBadAt === undefined ? {} : { lastBadAt: kept.lastBadAt }),
    ...(kept.lastFailure === undefined ? {} : { lastFailure: kept.lastFailure }),
  };
}

function poolEvidence(kept: Kept<PoolSums>, load: LoadView, now: number): PoolEvidence {
  return {
    kind: "pool",
    pool: kept.pool,
    from: kept.from,
    to: now,
    succeeded: kept.succeeded,
    failed: kept.failed,
    retried: kept.retried,
    weightedAverageLoad: load.weightedAverageLoad(kept.pool),
    ...(kept.lastGoodAt === undefined ? {} : { lastGoodAt: kept.lastGoodAt }),
    ...(kept.firstBadAt === undefined ? {} : { firstBadAt: kept.firstBadAt }),
  };
}

function latest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.max(a, b);
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}
