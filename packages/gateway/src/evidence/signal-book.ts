// Evidence of all workers on its way to control. It is merged per endpoint and per pool until it is sent, so while control is away it
// grows with the number of endpoints and not with the load: at most 4,096 endpoints and as many pools, beyond that the least recently
// changed one is given up. What is in flight is no sum: of each worker the last word counts.
import type { PoolEvidence, RequestEvidence, Signal } from "@flyball/core";
import { mergeSums } from "./duration-sums.ts";
import type { EndpointEvidence, ReportedEvidence } from "./endpoint-evidence.ts";
import type { PoolSums } from "./pool-evidence.ts";
import { IDLE, joinStandings, type Standing } from "./standing.ts";

/** Endpoints and pools that are kept. */
export const MAX_KEPT = 4_096;

/** What the main thread knows at the moment of sending. */
export interface LoadView {
  inFlight(endpoint: string): number;
  weightedAverageLoad(pool: string): number;
}

/** What one worker says. */
export interface WorkerReport {
  readonly endpoints: readonly ReportedEvidence[];
  readonly pools: readonly PoolSums[];
}

/** The book. */
export interface SignalBook {
  add(worker: number, report: WorkerReport, now: number): void;
  /** It is gone, and with it what it had in flight. */
  forgetWorker(worker: number): void;
  /** Takes everything as signals; empty when there is nothing to say. */
  take(load: LoadView, now: number): Signal[];
}

type Kept<T> = T & { from: number };

/** Creates an empty book. */
export function createSignalBook(): SignalBook {
  const endpoints = new Map<string, Kept<EndpointEvidence>>();
  const pools = new Map<string, Kept<PoolSums>>();
  const standings = createStandings();
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
    add(worker, report, now) {
      for (const { standing, ...next } of report.endpoints) {
        keep(endpoints, next.endpoint, ownCopy(next), now, mergeEndpoint);
        standings.set(worker, next.endpoint, standing);
      }
      for (const next of report.pools) keep(pools, next.pool, next, now, mergePool);
    },
    forgetWorker: standings.forgetWorker,
    take(load, now) {
      const signals: Signal[] = [];
      for (const kept of endpoints.values()) {
        signals.push(requestEvidence(kept, { load, standing: standings.of(kept.endpoint), now }));
      }
      for (const kept of pools.values()) signals.push(poolEvidence(kept, load, now));
      endpoints.clear();
      pools.clear();
      return signals;
    },
  };
}

/** The last word of each worker on each endpoint; endpoints of which nothing is to be said take no room. */
function createStandings(): {
  set(worker: number, endpoint: string, standing: Standing): void;
  of(endpoint: string): Standing;
  forgetWorker(worker: number): void;
} {
  const all = new Map<string, Map<number, Standing>>();
  const remove = (worker: number, endpoint: string): void => {
    const known = all.get(endpoint);
    known?.delete(worker);
    if (known?.size === 0) all.delete(endpoint);
  };
  return {
    set(worker, endpoint, standing) {
      if (standing.count === 0 && standing.ejected === undefined) {
        remove(worker, endpoint);
        return;
      }
      const known = all.get(endpoint) ?? new Map<number, Standing>();
      known.set(worker, standing);
      all.delete(endpoint);
      if (all.size >= MAX_KEPT) all.delete(all.keys().next().value as string);
      all.set(endpoint, known);
    },
    of: (endpoint) => joinStandings(all.get(endpoint)?.values() ?? [IDLE]),
    forgetWorker(worker) {
      for (const endpoint of all.keys()) remove(worker, endpoint);
    },
  };
}

/** Sums grow in place, and another book may have the same report. */
function ownCopy(evidence: EndpointEvidence): EndpointEvidence {
  const { outcomes, flaws, connect, firstToken, gap } = evidence;
  return {
    ...evidence,
    outcomes: { ...outcomes },
    flaws: { ...flaws },
    connect: { ...connect },
    firstToken: { ...firstToken },
    gap: { ...gap },
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
  mergeSums(known.connect, next.connect);
  mergeSums(known.firstToken, next.firstToken);
  mergeSums(known.gap, next.gap);
  known.pieces += next.pieces;
  known.bytes += next.bytes;
  known.judged += next.judged;
  for (const [flaw, count] of Object.entries(next.flaws)) {
    const name = flaw as keyof EndpointEvidence["flaws"];
    known.flaws[name] = (known.flaws[name] ?? 0) + count;
  }
  known.rateLimited += next.rateLimited;
  known.quotaSpent += next.quotaSpent;
  known.unusable += next.unusable;
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

interface Moment {
  readonly load: LoadView;
  readonly standing: Standing;
  readonly now: number;
}

function requestEvidence(kept: Kept<EndpointEvidence>, { load, standing, now }: Moment): RequestEvidence {
  const { connect, firstToken, gap, judged, flaws, rateLimited, quotaSpent, unusable } = kept;
  const { oldestWaitMs, stuck, oldestSilenceMs, stuckStreams, ejected } = standing;
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
    pieces: kept.pieces,
    bytes: kept.bytes,
    oldestWaitMs,
    oldestSilenceMs,
    ...(kept.lastGoodAt === undefined ? {} : { lastGoodAt: kept.lastGoodAt }),
    ...(kept.firstBadAt === undefined ? {} : { firstBadAt: kept.firstBadAt }),
    ...(kept.lastBadAt === undefined ? {} : { lastBadAt: kept.lastBadAt }),
    ...(kept.lastFailure === undefined ? {} : { lastFailure: kept.lastFailure }),
    ...(connect.count === 0 ? {} : { connect }),
    ...(firstToken.count === 0 ? {} : { firstToken }),
    ...(gap.count === 0 ? {} : { gap }),
    ...(stuck === undefined ? {} : { stuck }),
    ...(stuckStreams === undefined ? {} : { stuckStreams }),
    ...(judged === 0 ? {} : { judged, flaws }),
    ...(rateLimited === 0 ? {} : { rateLimited }),
    ...(quotaSpent === 0 ? {} : { quotaSpent }),
    ...(unusable === 0 ? {} : { unusable }),
    ...(ejected === undefined ? {} : { ejected }),
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
