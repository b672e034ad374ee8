// The living pools and endpoints of one worker, kept by id over all snapshots.
import {
  BUDGET_FLOOR_PER_SECOND,
  createPoolGate,
  createRetryBudget,
  resizeGate,
  type ConcurrencyBounds,
  type PoolGate,
} from "@flyball/traffic";
import { createPoolSums } from "../evidence/pool-evidence.ts";
import { createUsualWaitsBook } from "../evidence/usual-waits.ts";
import { createPoolQueue, seatEndpoints, setKnobs, unparkAll } from "../schedule/pool-queue.ts";
import { tenantWeightsOf, type TenantWeights } from "../schedule/pool-knobs.ts";
import { ejectAsAsked } from "../stages/eject.ts";
import { tellPools } from "../schedule/worker-schedule.ts";
import type { Slot } from "../shared/in-flight-table.ts";
import { MAX_CONNECTIONS } from "../upstream/max-connections.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { createEndpoint, type Endpoint } from "./endpoint.ts";
import type { Pool } from "./pool.ts";
import type { PreparedSnapshot } from "./prepared-snapshot.ts";
import { createWaitingRoom } from "./waiting-room.ts";
import { wantedPools, type Egress, type WantedEndpoint, type WantedPool } from "./wanted-pools.ts";
import type { WorkerContext } from "./worker-context.ts";

/** What is said of an endpoint's capacity is a guess; a limit that is learned may fall to this share of it, and no further. */
const LEAST_CAPACITY_SHARE = 0.5;

/** Makes a client for an origin. */
export type CreateUpstream = (options: {
  origin: string;
  connectMs: number;
  /** undefined: the app's own. */
  egress: Egress | undefined;
}) => Upstream;

/** The pools of a worker. Bounded by the newest snapshot and by what is still in flight from earlier ones. */
export interface PoolRegistry {
  /** Brings pools and endpoints to the state of a snapshot and wakes who waits for an endpoint. */
  update(prepared: PreparedSnapshot): ReadonlyMap<string, Pool>;
  /** Every living pool, those of earlier snapshots too while they have something to report or somebody waits. */
  pools(): Iterable<Pool>;
  /** Every endpoint whose evidence may not have been taken yet, gone ones included. */
  endpoints(): Iterable<Endpoint>;
  /** Forgets what is gone, idle and reported. Called after each report. */
  forgetGone(): void;
  close(): void;
}

type EndpointPool = WantedPool & { readonly gate: PoolGate };

interface Living {
  readonly pools: Map<string, Pool>;
  /** By id and slot: an id that comes back with another slot is another endpoint, for requests of the old one count on the old slot. */
  readonly endpoints: Map<string, Endpoint>;
  /** Gone endpoints whose last evidence was not taken yet. */
  readonly unreported: Set<Endpoint>;
  /** Ids of the newest snapshot's pools. */
  wanted: ReadonlySet<string>;
  readonly gates: Set<PoolGate>;
}

/** Creates an empty registry. */
export function createPoolRegistry(context: WorkerContext, createUpstream: CreateUpstream): PoolRegistry {
  const living: Living = {
    pools: new Map(),
    endpoints: new Map(),
    unreported: new Set(),
    gates: context.gates,
    wanted: new Set(),
  };
  const endpointFor = (wanted: WantedEndpoint, { gate, ...pool }: EndpointPool, slot: Slot): Endpoint => {
    const key = `${wanted.id}#${slot.index}.${slot.generation}`;
    const known = living.endpoints.get(key);
    if (known) return known;
    const endpoint = createEndpoint({
      id: wanted.id,
      pool: pool.id,
      origin: wanted.origin,
      authority: new URL(wanted.origin).host,
      slot,
      upstream: createUpstream({
        origin: wanted.origin,
        connectMs: pool.timeouts.connectMs,
        egress: wanted.egress,
      }),
      attempts: context.metrics.pool(pool.id).attempts,
      gate,
    });
    living.endpoints.set(key, endpoint);
    return endpoint;
  };
  const bringUp = (wanted: WantedPool, { slots, poolNumbers = {} }: PreparedSnapshot): void => {
    const pool = living.pools.get(wanted.id) ?? createPool(wanted, context);
    living.pools.set(wanted.id, pool);
    const number = poolNumbers[wanted.id];
    const { schedule } = context;
    if (pool.queue?.number !== number) {
      pool.queue =
        schedule === undefined || number === undefined ? undefined : createPoolQueue(schedule, number, wanted.id);
    }
    pool.timeouts = wanted.timeouts;
    pool.retries = wanted.retries;
    pool.leadsTo = wanted.leadsTo;
    pool.endpoints = wanted.endpoints.flatMap((each) => {
      const slot = slots[each.id];
      if (!slot) return [];
      const endpoint = endpointFor(each, { ...wanted, gate: pool.gate }, slot);
      endpoint.userWeight = each.weight;
      endpoint.capacity = each.capacity;
      endpoint.state = each.state;
      ejectAsAsked({ context, pool, endpoint }, each.ejected === true);
      return [endpoint];
    });
    pool.serving = pool.endpoints.filter(({ state }) => state === "serving");
    pool.maxWaitMs = wanted.maxWaitMs;
    if (pool.queue) {
      setKnobs(pool.queue, wanted);
      seatEndpoints(pool.queue, pool.serving);
    }
    if (pool.serving.length > 0) resizeGate(pool.gate, boundsOf(pool.serving, context.workerCount));
  };
  return {
    update(prepared) {
      const wanted = wantedPools(prepared.snapshot);
      living.wanted = new Set(wanted.map(({ id }) => id));
      for (const pool of wanted) bringUp(pool, prepared);
      retire(living);
      forgetGone(living);
      tellQueues(context, living.pools.values(), tenantWeightsOf(prepared.snapshot));
      for (const pool of living.pools.values()) pool.waitingRoom.wake();
      return living.pools;
    },
    pools: () => living.pools.values(),
    endpoints: () => [...living.endpoints.values(), ...living.unreported],
    forgetGone: () => forgetGone(living),
    close() {
      for (const endpoint of living.endpoints.values()) endpoint.upstream.close();
    },
  };
}

/** Endpoints may have come for whom somebody waits. */
function tellQueues({ schedule }: WorkerContext, pools: Iterable<Pool>, tenantWeights: TenantWeights): void {
  if (schedule === undefined) return;
  const queues = [...pools].flatMap(({ queue }) => (queue === undefined ? [] : [queue]));
  tellPools(
    schedule,
    queues.map(({ number, book, knobs }) => ({
      number,
      slots: book.seats.filter((slot) => slot !== undefined),
      ...knobs,
    })),
    tenantWeights,
  );
  for (const queue of queues) unparkAll(queue);
}

/** Marks what the newest snapshot does not name. */
function retire({ pools, endpoints, wanted }: Living): void {
  const live = new Set<Endpoint>();
  for (const pool of pools.values()) {
    if (!wanted.has(pool.id)) {
      pool.endpoints = [];
      pool.serving = [];
      if (pool.queue) seatEndpoints(pool.queue, []);
    }
    for (const endpoint of pool.endpoints) live.add(endpoint);
  }
  for (const endpoint of endpoints.values()) endpoint.isRemoved = !live.has(endpoint);
}

function forgetGone({ pools, endpoints, unreported, wanted, gates }: Living): void {
  for (const [key, endpoint] of endpoints) {
    if (!endpoint.isRemoved || endpoint.ownInFlight > 0) continue;
    endpoint.upstream.close();
    endpoints.delete(key);
    unreported.add(endpoint);
  }
  for (const endpoint of unreported) {
    if (!endpoint.evidence.hasNews && !endpoint.wasStanding) unreported.delete(endpoint);
  }
  for (const pool of pools.values()) {
    const waiting = pool.waitingRoom.size + (pool.queue?.waiting.size ?? 0);
    const isIdle = waiting === 0 && pool.gate.inFlight === 0;
    if (wanted.has(pool.id) || !isIdle || pool.sums.hasNews) continue;
    pools.delete(pool.id);
    gates.delete(pool.gate);
  }
}

/** The limit begins at its upper bound: nobody is held back before something was learned. */
function boundsOf(serving: readonly { readonly capacity: number }[], workers: number): ConcurrencyBounds {
  let capacity = 0;
  for (const endpoint of serving) capacity += endpoint.capacity;
  const maximum = serving.length * MAX_CONNECTIONS;
  const minimum = Math.min(maximum, Math.max(1, Math.ceil((capacity * LEAST_CAPACITY_SHARE) / workers)));
  return { minimum, maximum, initial: maximum };
}

function createPool(wanted: WantedPool, context: WorkerContext): Pool {
  const metrics = context.metrics.pool(wanted.id);
  const bounds = boundsOf(wanted.endpoints, context.workerCount);
  const gate = createPoolGate(bounds, context.random, context.clock.monotonic());
  context.gates.add(gate);
  return {
    id: wanted.id,
    isProvider: wanted.isProvider,
    endpoints: [],
    serving: [],
    queue: undefined,
    maxWaitMs: wanted.maxWaitMs,
    timeouts: wanted.timeouts,
    retries: wanted.retries,
    leadsTo: wanted.leadsTo,
    budget: createRetryBudget(BUDGET_FLOOR_PER_SECOND / context.workerCount),
    gate,
    waitingRoom: createWaitingRoom(context.clock, metrics.waiting),
    metrics,
    sums: createPoolSums(wanted.id),
    usual: createUsualWaitsBook(),
  };
}
