// A scheduled pool as one worker lives with it: its part of the shared book, the placer of those who need not wait, and those of this worker's
// requests that do wait. Who of all those who wait is next says the arbiter.
import { isDeepStrictEqual } from "node:util";
import { PRIORITIES, type CancelTimer } from "@flyball/core";
import {
  createBalancer,
  createPeakLatency,
  createPlacer,
  createUsualWork,
  slotsOf,
  type EndpointLimits,
  type PeakLatency,
  type Placer,
  type ScheduledRequest,
  type UsualWork,
} from "@flyball/traffic";
import { MAX_CONNECTIONS } from "../upstream/max-connections.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { GrantRecord } from "./arbiter-messages.ts";
import { bookGranted, reservationOf, type Booking } from "./booking.ts";
import { createPoolBook, type PoolBook } from "./pool-book.ts";
import { affinityOfPool, type PoolKnobs } from "./pool-knobs.ts";
import { createPoolPrefixes } from "./pool-prefixes.ts";
import type { QueueMetrics } from "./schedule-metrics.ts";
import { FIRST_SEATS, seatsFor, takeSeats } from "./seats.ts";
import type { WorkerSchedule } from "./worker-schedule.ts";

/** Waiting requests of one worker for one pool. */
export const MAX_WAITING = 1_000;

const MOST_OFFERS = 4_096;

/** A request that waits. */
export interface QueuedRequest {
  readonly request: ScheduledRequest;
  /** Index of `PRIORITIES`. */
  readonly priority: number;
  /** Monotonic milliseconds. */
  readonly enteredAt: number;
  /** No endpoint may be asked: the arbiter has not heard of it. */
  isParked: boolean;
  /** It may start here. False: the place cannot be taken, and it goes on waiting. */
  onGrant(endpoint: Endpoint, booking: Booking): boolean;
  /** Looks for a place by itself: an endpoint may be asked again, maybe as a probe. False: there is none. */
  onLook(): boolean;
  /** It has to leave for others that come first. */
  onLost(): void;
}

/** A scheduled pool in this worker. */
export interface PoolQueue {
  readonly schedule: WorkerSchedule;
  readonly number: number;
  readonly poolId: string;
  readonly metrics: QueueMetrics;
  knobs: PoolKnobs;
  book: PoolBook;
  placer: Placer;
  /** Times to a first token or to the headers, by seat. */
  latency: PeakLatency;
  /** By seat. */
  endpoints: (Endpoint | undefined)[];
  /** Scratch: seats left out of the placement in hand. */
  shut: Uint8Array;
  /** By id, in order of arrival; at most `MAX_WAITING`. */
  readonly waiting: Map<number, QueuedRequest>;
  /** Work of those who needed no queue since it was said last, by class and tenant; at most `MOST_OFFERS` tenants a class. */
  readonly offers: readonly Map<string, number>[];
  /** Work of all that asked for a place here. */
  readonly usualWork: UsualWork;
  /** When the first of them looks for an endpoint that may be asked again; Infinity: never. */
  probeAt: number;
  cancelProbe: CancelTimer | undefined;
}

/** A queue in which nobody waits. */
export function createPoolQueue(schedule: WorkerSchedule, number: number, poolId: string): PoolQueue {
  const knobs: PoolKnobs = { balance: undefined };
  const queue: PoolQueue = {
    schedule,
    number,
    poolId,
    knobs,
    metrics: schedule.metrics.pool(poolId),
    waiting: new Map(),
    offers: PRIORITIES.map(() => new Map()),
    usualWork: createUsualWork(),
    probeAt: Number.POSITIVE_INFINITY,
    cancelProbe: undefined,
    ...makePlacer(schedule, FIRST_SEATS, knobs),
  };
  schedule.queues.set(number, queue);
  return queue;
}

function makePlacer(
  { memory, random }: WorkerSchedule,
  seats: number,
  knobs: PoolKnobs,
): Pick<PoolQueue, "book" | "placer" | "latency" | "endpoints" | "shut"> {
  const { balance } = knobs;
  const book = createPoolBook(memory.book, seats);
  const latency = createPeakLatency(seats);
  const placer = createPlacer({
    book,
    random,
    balancer: createBalancer(balance ?? (memory.rows > 1 ? "two-choices" : "least-load"), random),
    ...(balance === "least-latency" ? { latencyMs: (seat: number) => latency.read(seat) } : {}),
    ...affinityOfPool(knobs, createPoolPrefixes(memory.prefixes, book)),
  });
  return { book, placer, latency, endpoints: [], shut: new Uint8Array(seats) };
}

/** How its endpoints are chosen; who waits is the arbiter's. Called before `seatEndpoints`. */
export function setKnobs(queue: PoolQueue, { balance, schedule }: PoolKnobs): void {
  const knobs = { balance, schedule };
  if (isDeepStrictEqual(queue.knobs, knobs)) return;
  queue.knobs = knobs;
  Object.assign(queue, makePlacer(queue.schedule, queue.book.size, knobs));
}

/** Whether it matters which of its endpoints knows a prompt. */
export function asksForPrompts({ placer }: PoolQueue): boolean {
  return placer.prefixes !== undefined;
}

/** These endpoints get new requests from now on. */
export function seatEndpoints(queue: PoolQueue, serving: readonly Endpoint[]): void {
  const size = seatsFor(serving.length, queue.book.size);
  if (size > queue.book.size) Object.assign(queue, makePlacer(queue.schedule, size, queue.knobs));
  queue.endpoints = Array.from({ length: size }, () => undefined);
  const seats = takeSeats(
    queue.book,
    serving.map(({ slot }) => slot),
  );
  for (const [index, endpoint] of serving.entries()) {
    if (endpoint.seat !== seats[index]) queue.latency.forget(seats[index] as number);
    endpoint.seat = seats[index] as number;
    queue.endpoints[endpoint.seat] = endpoint;
  }
}

/** Whether somebody who comes now may take a place: nobody waits before him, and some endpoint has a free slot. */
export function isOwnTurn({ schedule, number, book }: PoolQueue): boolean {
  if (!schedule.isOpen || schedule.memory.counts.any(number)) return false;
  for (let seat = 0; seat < book.size; seat += 1) {
    const limits = book.limits(seat);
    if (limits.isServing && book.active(seat) < ownSlots(limits)) return true;
  }
  return false;
}

/** Puts a request in line. false: this worker has as many that wait as it may. */
export function enterQueue(queue: PoolQueue, queued: QueuedRequest): boolean {
  const { schedule, number, waiting } = queue;
  if (waiting.size >= MAX_WAITING) {
    const loser = youngestBelow(queue, queued.priority);
    if (loser === undefined) return false;
    leaveQueue(queue, loser);
    loser.onLost();
  }
  waiting.set(queued.request.id, queued);
  schedule.memory.counts.add(schedule.row, number, queued.priority, 1);
  if (!queued.isParked) schedule.arbiter.arrive(number, [queued.request]);
  return true;
}

/** Endpoints may be asked again: whoever was parked gets in line. */
export function unparkAll({ schedule, number, waiting }: PoolQueue): void {
  const parked = [...waiting.values()].filter(({ isParked }) => isParked);
  for (const queued of parked) queued.isParked = false;
  if (parked.length > 0) {
    schedule.arbiter.arrive(
      number,
      parked.map(({ request }) => request),
    );
  } else if (waiting.size > 0) schedule.arbiter.look();
}

/** Takes it out; nothing happens when it is out already. */
export function leaveQueue(queue: PoolQueue, queued: QueuedRequest): void {
  const { schedule, number, waiting } = queue;
  if (!waiting.delete(queued.request.id)) return;
  schedule.memory.counts.add(schedule.row, number, queued.priority, -1);
  schedule.arbiter.leave(number, queued.request.id);
}

/** Whoever came first looks for a place by himself, and else waits on where he was. */
export function lookAtFirst(queue: PoolQueue): void {
  const [first] = queue.waiting.values();
  if (first === undefined) return;
  leaveQueue(queue, first);
  if (first.onLook()) return;
  putBack(queue, first);
  if (!first.isParked) queue.schedule.arbiter.arrive(queue.number, [first.request]);
}

/** Somebody who was taken out goes on waiting, before all who came later. It is seldom, so they are put in anew. */
function putBack({ schedule, number, waiting }: PoolQueue, queued: QueuedRequest): void {
  const later = [...waiting.values()].filter(({ enteredAt }) => enteredAt > queued.enteredAt);
  for (const { request } of later) waiting.delete(request.id);
  for (const each of [queued, ...later]) waiting.set(each.request.id, each);
  schedule.memory.counts.add(schedule.row, number, queued.priority, 1);
}

/** Adds to what its tenant asks for, although it needs no queue. */
export function addOffer({ offers }: PoolQueue, { tenant, classIndex, workMs }: ScheduledRequest): void {
  const byTenant = offers[classIndex];
  const before = byTenant?.get(tenant);
  if (before !== undefined) byTenant?.set(tenant, before + workMs);
  else if (byTenant !== undefined && byTenant.size < MOST_OFFERS) byTenant.set(tenant, workMs);
}

/** Tells the arbiter what those brought who needed no queue. */
export function sayOffers({ schedule, number, offers }: PoolQueue): void {
  for (const [classIndex, byTenant] of offers.entries()) {
    for (const [tenant, workMs] of byTenant) schedule.arbiter.offer(number, tenant, classIndex, workMs);
    byTenant.clear();
  }
}

/** When the one who has waited longest in this worker came; Infinity: nobody waits. */
export function oldestEnteredAt({ waiting }: PoolQueue): number {
  for (const { enteredAt } of waiting.values()) return enteredAt;
  return Number.POSITIVE_INFINITY;
}

/** Concurrency that the endpoints allow now, over all workers. */
export function allowedConcurrency({ book }: PoolQueue): number {
  let sum = 0;
  for (let seat = 0; seat < book.size; seat += 1) {
    const limits = book.limits(seat);
    if (limits.isServing) sum += ownSlots(limits);
  }
  return sum;
}

/** Fewer while it is new. */
function ownSlots({ activeCap, startShare = 1 }: EndpointLimits): number {
  return slotsOf(activeCap, startShare);
}

/** The arbiter has granted a request of this worker. Its place goes to whom it is for, or back. */
export function takeGrant(schedule: WorkerSchedule, grant: GrantRecord): void {
  const queue = schedule.queues.get(grant.pool);
  const queued = queue?.waiting.get(grant.id);
  const endpoint = queue?.endpoints.find((each) => each?.slot.index === grant.column);
  if (
    queue === undefined ||
    queued === undefined ||
    endpoint === undefined ||
    endpoint.ownInFlight >= MAX_CONNECTIONS
  ) {
    giveBack(schedule, grant);
    if (queue !== undefined && queued !== undefined) askAgain(queue, queued);
    return;
  }
  const booking = bookGranted(schedule, queue, queued.request, grant);
  queue.waiting.delete(grant.id);
  schedule.memory.counts.add(schedule.row, queue.number, queued.priority, -1);
  if (queued.onGrant(endpoint, booking)) {
    queue.metrics.grants[grant.reason].add();
    queue.metrics.waits[queued.priority]?.observe(Math.max(0, grant.waitedMs) / 1_000);
    return;
  }
  schedule.held.delete(booking);
  giveBack(schedule, grant);
  putBack(queue, queued);
  askAgain(queue, queued);
}

/** The arbiter's queue is full, and this one is the last in it. */
export function takeLoss(schedule: WorkerSchedule, pool: number, id: number): void {
  const queue = schedule.queues.get(pool);
  const queued = queue?.waiting.get(id);
  if (queue === undefined || queued === undefined) return;
  leaveQueue(queue, queued);
  queued.onLost();
}

function giveBack({ memory, arbiter, row }: WorkerSchedule, grant: GrantRecord): void {
  memory.book.release(reservationOf(row, grant));
  arbiter.end(grant.pool, grant.id, 0);
  arbiter.look();
}

/** Not at once: what was in the way is still there. */
const ASK_AGAIN_MS = 20;

function askAgain(queue: PoolQueue, queued: QueuedRequest): void {
  const { schedule, number, waiting } = queue;
  schedule.clock.after(ASK_AGAIN_MS, () => {
    if (waiting.get(queued.request.id) === queued) schedule.arbiter.arrive(number, [queued.request]);
  });
}

function youngestBelow({ waiting }: PoolQueue, priority: number): QueuedRequest | undefined {
  let youngest: QueuedRequest | undefined;
  for (const queued of waiting.values()) {
    if (queued.priority < (youngest === undefined ? priority : youngest.priority + 1)) youngest = queued;
  }
  return youngest;
}
