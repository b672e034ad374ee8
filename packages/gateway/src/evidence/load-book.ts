// How loaded each pool was over about a second, for control to scale by: what is in flight from the shared counts, what waits from the
// workers' reports. Means of a few looks, because what is in flight at one moment says little. Bounded by the pools of the snapshot.
import type { PoolLoad, Snapshot } from "@flyball/core";
import { shareWeight } from "@flyball/traffic";
import { viewPool, type LoadReader } from "../admin/endpoints-view.ts";
import type { PoolSums } from "./pool-evidence.ts";

/** What waits in front of a pool in one worker. */
export interface PoolQueue {
  readonly pool: string;
  readonly queued: number;
  /** Until the last of them has a place, if nobody else comes. */
  readonly waitMs: number;
}

/** The book. Times are wall times. */
export interface LoadBook {
  /** A worker's whole report; queues that it does not name are empty. */
  add(worker: number, pools: readonly PoolSums[], queues: readonly PoolQueue[]): void;
  /** It is gone, and with it those who waited. */
  forgetWorker(worker: number): void;
  /** Looks at what is in flight now. */
  look(snapshot: Snapshot): void;
  /** Takes what was seen since the last time as signals. */
  take(snapshot: Snapshot, now: number): PoolLoad[];
  /** Whether requests wait in front of a pool, as far as the workers have said. */
  isQueued(pool: string): boolean;
  /** WAL with what waits, by pool, as it was said last. */
  weightedAverageLoads(): ReadonlyMap<string, number>;
}

/** Sums of one pool since it was taken. */
interface Looks {
  count: number;
  inFlight: number;
  load: number;
  backlog: number;
  ended: number;
  refused: number;
}

/** What was under way when it was taken last: what has come since follows from what has ended. */
interface Taken {
  readonly at: number;
  readonly underWay: number;
}

/** An empty book of the gateway with this generation. */
export function createLoadBook(reader: LoadReader, gateway: number): LoadBook {
  const looks = new Map<string, Looks>();
  const taken = new Map<string, Taken>();
  const queues = new Map<number, readonly PoolQueue[]>();
  let loads: ReadonlyMap<string, number> = new Map();
  const looksAt = (pool: string): Looks => {
    const known = looks.get(pool) ?? { count: 0, inFlight: 0, load: 0, backlog: 0, ended: 0, refused: 0 };
    looks.set(pool, known);
    return known;
  };
  const queueOf = (pool: string): { queued: number; waitMs: number } => {
    let queued = 0;
    let waitMs = 0;
    for (const each of queues.values()) {
      for (const queue of each) {
        if (queue.pool !== pool) continue;
        queued += queue.queued;
        waitMs = Math.max(waitMs, queue.waitMs);
      }
    }
    return { queued, waitMs };
  };
  return {
    add(worker, pools, ofWorker) {
      queues.set(worker, ofWorker);
      for (const { pool, ended, refused } of pools) {
        const sums = looksAt(pool);
        sums.ended += ended;
        sums.refused += refused;
      }
    },
    forgetWorker: (worker) => void queues.delete(worker),
    look(snapshot) {
      for (const pool of snapshot.pools) {
        const sums = looksAt(pool.id);
        const { inFlight, load } = workOf(viewPool(pool, reader).endpoints.filter(isServing));
        sums.count += 1;
        sums.inFlight += inFlight;
        sums.load += load;
        sums.backlog += queueOf(pool.id).queued;
      }
    },
    take(snapshot, now) {
      const signals = snapshot.pools.flatMap((pool): PoolLoad[] => {
        const sums = looks.get(pool.id);
        if (sums === undefined || sums.count === 0) return [];
        const all = viewPool(pool, reader).endpoints;
        const serving = all.filter(isServing);
        const { queued, waitMs } = queueOf(pool.id);
        const underWay = workOf(all).inFlight + queued;
        const before = taken.get(pool.id) ?? { at: now, underWay: 0 };
        taken.set(pool.id, { at: now, underWay });
        return [
          {
            kind: "pool-load",
            pool: pool.id,
            gateway,
            from: before.at,
            to: now,
            inFlight: sums.inFlight / sums.count,
            load: sums.load / sums.count,
            queued,
            backlog: sums.backlog / sums.count,
            backlogMs: waitMs,
            arrived: Math.max(sums.refused, sums.ended + underWay - before.underWay),
            refused: sums.refused,
            capacity: workOf(serving).capacity,
            serving: serving.length,
          },
        ];
      });
      looks.clear();
      const named = new Set(signals.map(({ pool }) => pool));
      for (const pool of taken.keys()) if (!named.has(pool)) taken.delete(pool);
      loads = new Map(signals.map((signal) => [signal.pool, walOf(signal)]));
      return signals;
    },
    isQueued: (pool) => queueOf(pool).queued > 0,
    weightedAverageLoads: () => loads,
  };
}

interface WorkingEndpoint {
  readonly load: number;
  readonly inFlight: number;
  readonly capacity: number;
  readonly weight: number;
  readonly state: "serving" | "draining";
}

function isServing({ state }: WorkingEndpoint): boolean {
  return state === "serving";
}

/** Σ of requests, of wᵢLᵢ and of wᵢ. */
function workOf(endpoints: readonly WorkingEndpoint[]): { inFlight: number; load: number; capacity: number } {
  let inFlight = 0;
  let load = 0;
  let capacity = 0;
  for (const endpoint of endpoints) {
    inFlight += endpoint.inFlight;
    load += shareWeight(endpoint) * endpoint.load;
    capacity += shareWeight(endpoint);
  }
  return { inFlight, load, capacity };
}

function walOf({ load, backlog, capacity }: PoolLoad): number {
  return capacity === 0 ? 0 : (load + backlog) / capacity;
}
