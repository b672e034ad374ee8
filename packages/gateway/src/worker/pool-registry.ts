// The living pools and endpoints of one worker, kept by id over all snapshots.
import type { Address, EndpointSnapshot, RetriesSpec, TimeoutsSpec } from "@flyball/core";
import { BUDGET_FLOOR_PER_SECOND, createRetryBudget } from "@flyball/traffic";
import { createPoolSums } from "../evidence/pool-evidence.ts";
import type { Slot } from "../shared/in-flight-table.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { createEndpoint, type Endpoint } from "./endpoint.ts";
import type { Pool } from "./pool.ts";
import { providerEndpointId, type PreparedSnapshot } from "./prepared-snapshot.ts";
import { createWaitingRoom } from "./waiting-room.ts";
import type { WorkerContext } from "./worker-context.ts";

/** Makes a client for an origin. */
export type CreateUpstream = (options: { origin: string; connectMs: number }) => Upstream;

/** The pools of a worker. */
export interface PoolRegistry {
  /** Brings pools and endpoints to the state of a snapshot and wakes who waits for an endpoint. */
  update(prepared: PreparedSnapshot): ReadonlyMap<string, Pool>;
  /** Every living pool, those of earlier snapshots too while they have something in flight. */
  pools(): Iterable<Pool>;
  /** Every endpoint whose evidence may not have been taken yet, gone ones included. */
  endpoints(): Iterable<Endpoint>;
  /** Forgets what is gone, idle and reported. Called after each report. */
  forgetGone(): void;
  close(): void;
}

interface WantedPool {
  readonly id: string;
  readonly isProvider: boolean;
  readonly timeouts: TimeoutsSpec;
  readonly retries: RetriesSpec;
  readonly endpoints: readonly (Omit<EndpointSnapshot, "address"> & { readonly origin: string })[];
}

/** Creates an empty registry. */
export function createPoolRegistry(context: WorkerContext, createUpstream: CreateUpstream): PoolRegistry {
  const pools = new Map<string, Pool>();
  const endpoints = new Map<string, Endpoint>();
  /** Gone endpoints whose last evidence was not taken yet. */
  const unreported = new Set<Endpoint>();
  let known: ReadonlySet<string> = new Set();
  const endpointFor = (wanted: WantedPool["endpoints"][number], pool: WantedPool, slot: Slot): Endpoint => {
    // An id that comes back with another slot is another endpoint: requests of the old one still count on the old slot.
    const key = `${wanted.id}#${slot.index}.${slot.generation}`;
    const known = endpoints.get(key);
    const endpoint =
      known ??
      createEndpoint({
        id: wanted.id,
        pool: pool.id,
        origin: wanted.origin,
        authority: new URL(wanted.origin).host,
        slot,
        upstream: createUpstream({ origin: wanted.origin, connectMs: pool.timeouts.connectMs }),
        attempts: context.metrics.pool(pool.id).attempts,
      });
    endpoints.set(key, endpoint);
    endpoint.weight = wanted.weight;
    endpoint.capacity = wanted.capacity;
    endpoint.state = wanted.state;
    return endpoint;
  };
  const forgetGone = (): void => {
    for (const [key, endpoint] of endpoints) {
      if (!endpoint.isRemoved || endpoint.ownInFlight > 0) continue;
      endpoint.upstream.close();
      endpoints.delete(key);
      unreported.add(endpoint);
    }
    for (const endpoint of unreported) {
      if (!endpoint.evidence.hasNews) unreported.delete(endpoint);
    }
    for (const pool of pools.values()) {
      const isGone = pool.endpoints.length === 0 && !known.has(pool.id);
      if (isGone && pool.waitingRoom.size === 0 && !pool.sums.hasNews) pools.delete(pool.id);
    }
  };
  return {
    update(prepared) {
      const wanted = wantedPools(prepared);
      const live = new Set<Endpoint>();
      for (const want of wanted) {
        const pool = pools.get(want.id) ?? createPool(want, context);
        pools.set(want.id, pool);
        pool.timeouts = want.timeouts;
        pool.retries = want.retries;
        pool.endpoints = want.endpoints.flatMap((endpoint) => {
          const slot = prepared.slots[endpoint.id];
          return slot ? [endpointFor(endpoint, want, slot)] : [];
        });
        pool.serving = pool.endpoints.filter(({ state }) => state === "serving");
        for (const endpoint of pool.endpoints) live.add(endpoint);
      }
      known = new Set(wanted.map(({ id }) => id));
      for (const pool of pools.values()) {
        if (known.has(pool.id)) continue;
        pool.endpoints = [];
        pool.serving = [];
      }
      for (const endpoint of endpoints.values()) endpoint.isRemoved = !live.has(endpoint);
      forgetGone();
      for (const pool of pools.values()) pool.waitingRoom.wakeAll();
      return pools;
    },
    pools: () => pools.values(),
    endpoints: () => [...endpoints.values(), ...unreported],
    forgetGone,
    close() {
      for (const endpoint of endpoints.values()) endpoint.upstream.close();
    },
  };
}

function createPool(wanted: WantedPool, context: WorkerContext): Pool {
  const metrics = context.metrics.pool(wanted.id);
  return {
    id: wanted.id,
    isProvider: wanted.isProvider,
    endpoints: [],
    serving: [],
    timeouts: wanted.timeouts,
    retries: wanted.retries,
    budget: createRetryBudget(BUDGET_FLOOR_PER_SECOND / context.workerCount),
    waitingRoom: createWaitingRoom(context.clock, metrics.waiting),
    metrics,
    sums: createPoolSums(wanted.id),
  };
}

function wantedPools({ snapshot }: PreparedSnapshot): WantedPool[] {
  const pools: WantedPool[] = snapshot.pools.map((pool) => ({
    id: pool.id,
    isProvider: false,
    timeouts: pool.timeouts,
    retries: pool.retries,
    endpoints: pool.endpoints.map((endpoint) => ({ ...endpoint, origin: originOf(endpoint.address) })),
  }));
  for (const model of snapshot.models) {
    for (const backend of model.backends) {
      if (backend.kind !== "provider") continue;
      const id = providerEndpointId(backend);
      if (pools.some((pool) => pool.id === id)) continue;
      pools.push({
        id,
        isProvider: true,
        timeouts: model.timeouts,
        retries: { attempts: 0, isUnsafeAllowed: false },
        endpoints: [{ id, origin: new URL(backend.baseUrl).origin, weight: 1, capacity: 256, state: "serving" }],
      });
    }
  }
  return pools;
}

function originOf({ host, port }: Address): string {
  return host.includes(":") ? `http://[${host}]:${port}` : `http://${host}:${port}`;
}
