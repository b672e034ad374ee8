// Who of those who wait may start, over all pools and all workers. With one worker it runs inside that worker; with several it has a thread of
// its own (docs/decisions/0018). It only orders and reserves: what a grant has reserved belongs to the worker that asked, which gives it
// back by itself. So a release needs no message, and an arbiter that dies takes nothing with it.
import { isDeepStrictEqual } from "node:util";
import {
  createBalancer,
  createPoolScheduler,
  DEFAULT_ORDER,
  type Balancer,
  type PoolScheduler,
  type Reservation,
  type ScheduledRequest,
  type Standing,
} from "@flyball/traffic";
import type { Random } from "@flyball/core";
import type { ArbiterPool, GrantRecord } from "./arbiter-messages.ts";
import { createPoolBook, type PoolBook } from "./pool-book.ts";
import { affinityOfPool, orderOfPool, type PoolKnobs, type TenantWeights } from "./pool-knobs.ts";
import { createPoolPrefixes } from "./pool-prefixes.ts";
import type { ScheduleMemory } from "./schedule-memory.ts";
import { FIRST_SEATS, seatsFor, takeSeats } from "./seats.ts";
import type { SlotCheck } from "./slot-check.ts";

/** Requests that wait for one pool at most, over all workers. */
export const MOST_QUEUED = 10_000;
/** Granted requests of a pool whose end is not known yet; beyond it the oldest are taken for ended. */
const MOST_RUNNING = 20_000;

/** What it needs. */
export interface ArbiterOptions {
  readonly memory: ScheduleMemory;
  readonly random: Random;
  readonly monotonic: () => number;
  readonly check: SlotCheck;
  readonly onGrant: (row: number, grant: GrantRecord) => void;
  /** It has to leave for one that comes first. */
  readonly onLost: (row: number, pool: number, id: number) => void;
}

/** The arbiter. Bounded by the pools, by `MOST_QUEUED` and by what runs. */
export interface Arbiter {
  /** The endpoints and knobs of these pools; other pools stay as they are. Who waits goes on waiting. */
  setPools(pools: readonly ArbiterPool[], tenantWeights?: TenantWeights): void;
  arrive(pool: number, request: ScheduledRequest): void;
  leave(pool: number, id: number): void;
  end(pool: number, id: number, outputTokens: number): void;
  /** Requests of a tenant that needed no queue brought this much work. */
  offer(pool: number, tenant: string, classIndex: number, workMs: number): void;
  /** The worker of a row is dead: nobody of it waits or runs any more. The row itself is cleared by who knows that its owner is gone. */
  rowDied(row: number): void;
  /** Grants whoever can start. */
  look(): void;
  explain(pool: number, id: number): Standing;
  /** Who waits, over all pools. */
  readonly queued: number;
}

interface OrderedPool {
  readonly number: number;
  book: PoolBook;
  scheduler: PoolScheduler;
  knobs: KnownKnobs;
  /** By id, in order of arrival. */
  readonly waiting: Map<number, ScheduledRequest>;
  readonly running: Map<number, ScheduledRequest>;
}

interface KnownKnobs extends PoolKnobs {
  readonly weights: TenantWeights;
}

const NO_WEIGHTS: TenantWeights = new Map();

interface Ordering {
  readonly options: ArbiterOptions;
  readonly pools: Map<number, OrderedPool>;
  /** What the scheduler has reserved last, before it says for whom. */
  readonly reserved: Reservation;
  weights: TenantWeights;
  queued: number;
  isLooking: boolean;
  /** Something happened during a look. */
  isDirty: boolean;
}

/** Creates one for whom nobody waits. */
export function createArbiter(options: ArbiterOptions): Arbiter {
  const ordering: Ordering = {
    options,
    pools: new Map(),
    reserved: {
      row: 0,
      endpoint: -1,
      generation: 0,
      prefillTokens: 0,
      contextTokens: 0,
      remainingTokens: 0,
      workMs: 0,
    },
    weights: NO_WEIGHTS,
    queued: 0,
    isLooking: false,
    isDirty: false,
  };
  return {
    setPools(pools, weights = NO_WEIGHTS) {
      if (!isDeepStrictEqual(weights, ordering.weights)) ordering.weights = weights;
      for (const pool of pools) seat(ordering, poolOf(ordering, pool.number), pool);
    },
    arrive: (number, request) => arrive(ordering, poolOf(ordering, number), request),
    leave: (number, id) => leave(ordering, ordering.pools.get(number), id),
    end: (number, id, outputTokens) => end(ordering, ordering.pools.get(number), id, outputTokens),
    offer: (number, tenant, classIndex, workMs) =>
      ordering.pools.get(number)?.scheduler.offer(tenant, classIndex, workMs, options.monotonic()),
    rowDied(row) {
      for (const pool of ordering.pools.values()) forgetRow(ordering, pool, row);
    },
    look: () => look(ordering),
    explain(number, id) {
      const pool = ordering.pools.get(number);
      const request = pool?.waiting.get(id) ?? pool?.running.get(id);
      if (pool === undefined || request === undefined) return { kind: "unknown" };
      return pool.scheduler.explain(request, options.monotonic());
    },
    get queued() {
      return ordering.queued;
    },
  };
}

function arrive(ordering: Ordering, pool: OrderedPool, request: ScheduledRequest): void {
  if (pool.waiting.has(request.id)) return;
  pool.waiting.set(request.id, request);
  ordering.queued += 1;
  const loser = pool.scheduler.arrive(request, ordering.options.monotonic());
  if (loser === undefined) return;
  pool.waiting.delete(loser.id);
  ordering.queued -= 1;
  ordering.options.onLost(loser.row ?? 0, pool.number, loser.id);
}

function leave(ordering: Ordering, pool: OrderedPool | undefined, id: number): void {
  const request = pool?.waiting.get(id);
  if (pool === undefined || request === undefined) return;
  pool.waiting.delete(id);
  ordering.queued -= 1;
  pool.scheduler.cancel(request, ordering.options.monotonic());
}

function end({ options }: Ordering, pool: OrderedPool | undefined, id: number, outputTokens: number): void {
  const request = pool?.running.get(id);
  if (pool === undefined || request === undefined) return;
  pool.running.delete(id);
  pool.scheduler.end(request, outputTokens, options.monotonic());
}

function forgetRow(ordering: Ordering, pool: OrderedPool, row: number): void {
  pool.scheduler.rowDied(row, ordering.options.monotonic());
  for (const [id, request] of pool.running) if (request.row === row) pool.running.delete(id);
  for (const [id, request] of pool.waiting) {
    if (request.row !== row) continue;
    pool.waiting.delete(id);
    ordering.queued -= 1;
  }
}

function look(ordering: Ordering): void {
  ordering.isDirty = true;
  // A grant may end at once in its worker, which then asks for another look.
  if (ordering.isLooking) return;
  ordering.isLooking = true;
  try {
    for (let turn = 0; ordering.isDirty && turn < 1_000; turn += 1) {
      ordering.isDirty = false;
      for (const pool of ordering.pools.values()) if (pool.waiting.size > 0) grantAll(ordering, pool);
    }
  } finally {
    ordering.isLooking = false;
  }
}

function grantAll(ordering: Ordering, pool: OrderedPool): void {
  const { options, reserved } = ordering;
  openSeats(pool.book, options.check);
  for (;;) {
    const queued = pool.waiting.size;
    const grant = queued === 0 ? undefined : pool.scheduler.grant(options.monotonic());
    if (grant === undefined) return;
    const { request, cachedTokens, reason, waitedMs, key, candidates, loadAfter } = grant;
    pool.waiting.delete(request.id);
    ordering.queued -= 1;
    keepRunning(ordering, pool, request);
    options.onGrant(request.row ?? 0, {
      pool: pool.number,
      id: request.id,
      column: reserved.endpoint,
      generation: reserved.generation,
      prefillTokens: reserved.prefillTokens,
      contextTokens: reserved.contextTokens,
      remainingTokens: reserved.remainingTokens,
      workMs: reserved.workMs,
      cachedTokens,
      reason,
      waitedMs,
      key,
      candidates,
      loadAfter,
      queued,
    });
  }
}

/** Those that may be asked; when all are ejected, these again, because a wrong guess costs one attempt and an empty pool costs all. */
function openSeats({ seats, open }: PoolBook, check: SlotCheck): void {
  let isAnyOpen = false;
  for (const [seat, slot] of seats.entries()) {
    if (slot === undefined) continue;
    const isOpen = check(slot) === "open";
    isAnyOpen ||= isOpen;
    open(seat, isOpen);
  }
  if (isAnyOpen) return;
  for (const [seat, slot] of seats.entries()) if (slot !== undefined) open(seat, check(slot) === "ejected");
}

function keepRunning(ordering: Ordering, pool: OrderedPool, request: ScheduledRequest): void {
  pool.running.set(request.id, request);
  if (pool.running.size <= MOST_RUNNING) return;
  const oldest = pool.running.values().next().value as ScheduledRequest;
  end(ordering, pool, oldest.id, oldest.outputTokens);
}

function poolOf(ordering: Ordering, number: number): OrderedPool {
  const known = ordering.pools.get(number);
  if (known !== undefined) return known;
  const knobs = { balance: undefined, schedule: undefined, weights: ordering.weights };
  const pool: OrderedPool = {
    number,
    knobs,
    waiting: new Map(),
    running: new Map(),
    ...makeScheduler(ordering, FIRST_SEATS, knobs),
  };
  ordering.pools.set(number, pool);
  return pool;
}

function makeScheduler(
  { options, reserved }: Ordering,
  seats: number,
  knobs: KnownKnobs,
): { readonly book: PoolBook; readonly scheduler: PoolScheduler } {
  const { memory, random } = options;
  const book = createPoolBook(memory.book, seats, (made) => void Object.assign(reserved, made));
  const { prefixes, affinity } = affinityOfPool(knobs, createPoolPrefixes(memory.prefixes, book));
  const scheduler = createPoolScheduler({
    book,
    random,
    order: { ...DEFAULT_ORDER, ...orderOfPool(knobs, knobs.weights) },
    ...(prefixes === undefined ? {} : { prefixes }),
    affinity,
    balancer: balancerOf(options, knobs),
    maxQueued: MOST_QUEUED,
  });
  return { book, scheduler };
}

/** It hears of no latency: who goes by that is chosen by load here. */
function balancerOf({ random }: ArbiterOptions, { balance }: PoolKnobs): Balancer {
  return createBalancer(balance === "least-latency" ? "least-load" : (balance ?? "least-load"), random);
}

/** Endpoints keep their seats; who is gone leaves his to the next. A pool that outgrows its book gets a larger one, and who waits joins anew. */
function seat(ordering: Ordering, pool: OrderedPool, { slots, balance, schedule }: ArbiterPool): void {
  const { options, weights } = ordering;
  const size = seatsFor(slots.length, pool.book.size);
  const before = pool.knobs;
  const knobs: KnownKnobs = { balance, schedule, weights };
  pool.knobs = knobs;
  if (size > pool.book.size) {
    Object.assign(pool, makeScheduler(ordering, size, knobs));
    pool.running.clear();
    takeSeats(pool.book, slots);
    for (const request of pool.waiting.values()) pool.scheduler.arrive(request, options.monotonic());
    return;
  }
  takeSeats(pool.book, slots);
  const isSame = before.balance === balance && before.weights === weights;
  if (isSame && isDeepStrictEqual(before.schedule, schedule)) return;
  pool.scheduler.change({
    order: orderOfPool(knobs, weights),
    balancer: balancerOf(options, knobs),
    ...affinityOfPool(knobs, createPoolPrefixes(options.memory.prefixes, pool.book)),
  });
}
