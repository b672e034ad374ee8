// How loaded each pool was over about a second, for control to scale by: what is in flight from the shared counts, what waits from the
// workers' reports. Means of a few looks, because what is in flight at one moment says little. Bounded by the pools of the snapshot.
import type { EndpointSnapshot, PoolLoad, PoolSnapshot, Snapshot } from "@flyball/core";
import { averageLoadOf, sumPoolLoad, type PoolLoadSums } from "@flyball/traffic";
import { loadPartOf, type LoadReader } from "./load-part.ts";
import type { PoolSums } from "./pool-evidence.ts";

/** What waits in front of a pool in one worker. */
export interface PoolQueue {
  readonly pool: string;
  readonly queued: number;
  /** The same by their predicted work: one of twice the usual work is two. */
  readonly waiting: number;
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
  /** Usual requests that wait in front of a pool, as far as the workers have said. */
  waitingOf(pool: string): number;
  /** WAL with what waits, by pool, as it was said last. */
  weightedAverageLoads(): ReadonlyMap<string, number>;
}

/** Sums of one pool since it was taken. */
interface Looks {
  count: number;
  inFlight: number;
  waiting: number;
  load: number;
  backlog: number;
  capacity: number;
  ended: number;
  refused: number;
}

/** What was under way when it was taken last: what has come since follows from what has ended. */
interface Taken {
  readonly at: number;
  readonly underWay: number;
}

const NOTHING: Looks = {
  count: 0,
  inFlight: 0,
  waiting: 0,
  load: 0,
  backlog: 0,
  capacity: 0,
  ended: 0,
  refused: 0,
};

/** An empty book of the gateway with this generation. */
export function createLoadBook(reader: LoadReader, gateway: number): LoadBook {
  const looks = new Map<string, Looks>();
  const taken = new Map<string, Taken>();
  const queues = new Map<number, readonly PoolQueue[]>();
  let loads: ReadonlyMap<string, number> = new Map();
  const looksAt = (pool: string): Looks => {
    const known = looks.get(pool) ?? { ...NOTHING };
    looks.set(pool, known);
    return known;
  };
  const queueOf = (pool: string): Omit<PoolQueue, "pool"> => {
    let queued = 0;
    let waiting = 0;
    let waitMs = 0;
    for (const each of queues.values()) {
      for (const queue of each) {
        if (queue.pool !== pool) continue;
        queued += queue.queued;
        waiting += queue.waiting;
        waitMs = Math.max(waitMs, queue.waitMs);
      }
    }
    return { queued, waiting, waitMs };
  };
  const sumsOf = (pool: PoolSnapshot): PoolLoadSums =>
    sumPoolLoad(
      pool.endpoints.filter(isServing).map((endpoint) => loadPartOf(endpoint, reader)),
      queueOf(pool.id).waiting,
    );
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
        const seen = sumsOf(pool);
        sums.count += 1;
        sums.inFlight += seen.inFlight;
        sums.waiting += seen.waiting;
        sums.load += seen.load;
        sums.backlog += seen.backlog;
        sums.capacity += seen.capacity;
      }
    },
    take(snapshot, now) {
      const signals = snapshot.pools.flatMap((pool): PoolLoad[] => {
        const sums = looks.get(pool.id);
        if (sums === undefined || sums.count === 0) return [];
        const { queued, waitMs } = queueOf(pool.id);
        const underWay = inFlightAt(pool, reader) + queued;
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
            waiting: sums.waiting / sums.count,
            backlog: sums.backlog / sums.count,
            backlogMs: waitMs,
            arrived: Math.max(sums.refused, sums.ended + underWay - before.underWay),
            refused: sums.refused,
            capacity: sums.capacity / sums.count,
            serving: pool.endpoints.filter(isServing).length,
          },
        ];
      });
      looks.clear();
      const named = new Set(signals.map(({ pool }) => pool));
      for (const pool of taken.keys()) if (!named.has(pool)) taken.delete(pool);
      loads = new Map(signals.map((signal) => [signal.pool, averageLoadOf(signal)]));
      return signals;
    },
    isQueued: (pool) => queueOf(pool).queued > 0,
    waitingOf: (pool) => queueOf(pool).waiting,
    weightedAverageLoads: () => loads,
  };
}

function isServing({ state }: EndpointSnapshot): boolean {
  return state === "serving";
}

/** Draining endpoints included. */
function inFlightAt({ endpoints }: PoolSnapshot, { inFlight, slotOf }: LoadReader): number {
  return endpoints.reduce((sum, { id }) => {
    const slot = slotOf(id);
    return slot === undefined ? sum : sum + inFlight.total(slot);
  }, 0);
}
