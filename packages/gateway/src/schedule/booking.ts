// What one attempt holds at an endpoint of a scheduled pool: a slot, the prompt that is to be read, memory. Made when its place is taken, ended
// exactly once with it.
import {
  createReservation,
  placeAtOnce,
  placeWithin,
  type GrantReason,
  type Reservation,
  type ScheduledRequest,
} from "@flyball/traffic";
import type { Endpoint } from "../worker/endpoint.ts";
import type { ExplainedAttempt } from "./explanation.ts";
import type { GrantRecord } from "./arbiter-messages.ts";
import { addOffer, type PoolQueue } from "./pool-queue.ts";
import type { WorkerSchedule } from "./worker-schedule.ts";

/** How a place was come by. at-once: nobody waited. careful: some endpoints could not be asked. anyway: no room was asked for. */
export type BookedBy = "at-once" | "careful" | "arbiter" | "anyway";

/** A place that is taken. */
export interface Booking {
  readonly request: ScheduledRequest;
  readonly reservation: Reservation;
  readonly queue: PoolQueue;
  readonly by: BookedBy;
  /** Why it was granted before others; undefined: nobody waited. */
  readonly reason: GrantReason | undefined;
  readonly waitedMs: number;
  /** Endpoints that had room and were as good for its prompt, and the own load of the chosen one with the request on it. */
  readonly candidates: number;
  readonly loadAfter: number;
  /** What ordered it within its tenant. */
  readonly key: number;
  /** Who waited for the pool when it was granted, itself included. */
  readonly queued: number;
  /** Prompt tokens that the endpoint probably knows, and that it has to read. */
  readonly cachedTokens: number;
  readonly uncachedTokens: number;
  /** At the endpoint right after it was taken, this one included. */
  readonly uncachedInFlight: number;
  readonly activeThere: number;
  /** Tokens of the answer so far; undefined: nobody has said. */
  deliveredTokens: number | undefined;
  hasToken: boolean;
  /** When its prompt counts as read, monotonic milliseconds; Infinity: nobody waits for that. */
  readUntil: number;
  explained: ExplainedAttempt | undefined;
}

/** Takes a place for somebody before whom nobody waits; undefined: there is no room. `shut`: seats that are left out. */
export function bookAtOnce(
  schedule: WorkerSchedule,
  queue: PoolQueue,
  request: ScheduledRequest,
  shut: Uint8Array | undefined,
): Booking | undefined {
  const { placer } = queue;
  const reservation = createReservation(schedule.row);
  const seat =
    shut === undefined ? placeAtOnce(placer, request, reservation) : placeWithin(placer, request, reservation, shut);
  if (seat < 0) return undefined;
  placer.prefixes?.add(seat, request.blocks);
  return keep(schedule, {
    request,
    reservation,
    queue,
    by: shut === undefined ? "at-once" : "careful",
    reason: undefined,
    waitedMs: 0,
    candidates: placer.candidates.length,
    loadAfter: placer.all[seat]?.loadAfter ?? 0,
    key: request.workMs,
    queued: 0,
    cachedTokens: Math.max(0, request.inputTokens - reservation.prefillTokens),
  });
}

/** Takes a place at an endpoint whatever its limits say: a probe, or an answer that its client reads already. */
export function bookAnyway(
  schedule: WorkerSchedule,
  queue: PoolQueue,
  request: ScheduledRequest,
  endpoint: Endpoint,
): Booking {
  const reservation = createReservation(schedule.row);
  reservation.prefillTokens = request.inputTokens;
  reservation.contextTokens = request.inputTokens;
  reservation.remainingTokens = request.outputTokensHigh;
  reservation.workMs = request.workMs;
  schedule.memory.book.take(endpoint.slot.index, reservation);
  return keep(schedule, {
    request,
    reservation,
    queue,
    by: "anyway",
    reason: undefined,
    waitedMs: 0,
    candidates: 1,
    loadAfter: 0,
    key: request.workMs,
    queued: 0,
    cachedTokens: 0,
  });
}

/** What the arbiter has reserved for a request of this worker. */
export function reservationOf(row: number, grant: GrantRecord): Reservation {
  const { column, generation, prefillTokens, contextTokens, remainingTokens, workMs } = grant;
  return { row, endpoint: column, generation, prefillTokens, contextTokens, remainingTokens, workMs };
}

/** The place that the arbiter gave. */
export function bookGranted(
  schedule: WorkerSchedule,
  queue: PoolQueue,
  request: ScheduledRequest,
  grant: GrantRecord,
): Booking {
  const { reason, waitedMs, candidates, loadAfter, key, queued, cachedTokens } = grant;
  const reservation = reservationOf(schedule.row, grant);
  return keep(schedule, {
    request,
    reservation,
    queue,
    by: "arbiter",
    reason,
    waitedMs,
    candidates,
    loadAfter,
    key,
    queued,
    cachedTokens,
  });
}

type Booked = Omit<
  Booking,
  "uncachedTokens" | "uncachedInFlight" | "activeThere" | "deliveredTokens" | "hasToken" | "readUntil" | "explained"
>;

function keep(schedule: WorkerSchedule, booked: Booked): Booking {
  const { book } = schedule.memory;
  const { by, queue } = booked;
  // What the arbiter grants counts when it is taken.
  if (by !== "arbiter") {
    queue.metrics.grants[by].add();
    addOffer(queue, booked.request);
  }
  const { endpoint, prefillTokens } = booked.reservation;
  // Named one by one: one object of one form, where a spread makes a copy and lets it grow.
  const booking: Booking = {
    request: booked.request,
    reservation: booked.reservation,
    queue,
    by,
    reason: booked.reason,
    waitedMs: booked.waitedMs,
    candidates: booked.candidates,
    loadAfter: booked.loadAfter,
    key: booked.key,
    queued: booked.queued,
    cachedTokens: booked.cachedTokens,
    uncachedTokens: prefillTokens,
    uncachedInFlight: book.prefillTokens(endpoint),
    activeThere: book.active(endpoint),
    deliveredTokens: undefined,
    hasToken: false,
    readUntil: Number.POSITIVE_INFINITY,
    explained: undefined,
  };
  schedule.held.add(booking);
  return booking;
}

/** The prompt is read, as far as can be told of an answer whose first token nobody sees. */
export function noteRead(schedule: WorkerSchedule, booking: Booking): void {
  if (booking.hasToken || !schedule.held.has(booking)) return;
  schedule.memory.book.firstToken(booking.reservation);
  lookIfWanted(schedule, booking.queue);
}

/** The first token came: the prompt is read. */
export function noteFirstToken(schedule: WorkerSchedule | undefined, booking: Booking | undefined): void {
  if (schedule === undefined || booking === undefined || booking.hasToken) return;
  booking.hasToken = true;
  if (booking.explained) booking.explained.firstTokenAt = schedule.clock.now();
  schedule.memory.book.firstToken(booking.reservation);
  lookIfWanted(schedule, booking.queue);
}

/** So many tokens have come: what it will need is estimated anew. */
export function noteProgress(
  schedule: WorkerSchedule | undefined,
  booking: Booking | undefined,
  deliveredTokens: number,
): void {
  if (schedule === undefined || booking === undefined) return;
  booking.deliveredTokens = deliveredTokens;
  if (!schedule.held.has(booking)) return;
  const { request, reservation, queue } = booking;
  const { outputTokensHigh, workMs } = schedule.estimator.reestimate(request, deliveredTokens);
  const left = Math.max(1, outputTokensHigh - deliveredTokens);
  const isShorter = left < reservation.remainingTokens;
  queue.book.correct(reservation, request.inputTokens + deliveredTokens, left, workMs);
  if (isShorter) lookIfWanted(schedule, queue);
}

/** It brought so many tokens and is over: its place is given back next, so nothing is estimated any more. */
export function noteDelivered(booking: Booking | undefined, deliveredTokens: number): void {
  if (booking !== undefined) booking.deliveredTokens = deliveredTokens;
}

/** Gives the place back. A second time does nothing. */
export function endBooking(schedule: WorkerSchedule | undefined, booking: Booking | undefined): void {
  if (schedule === undefined || booking === undefined || !schedule.held.delete(booking)) return;
  const { request, reservation, queue, by, deliveredTokens } = booking;
  schedule.memory.book.release(reservation);
  if (booking.explained) {
    booking.explained.endedAt = schedule.clock.now();
    booking.explained.outputTokens = deliveredTokens ?? null;
  }
  if (by === "arbiter") schedule.arbiter.end(queue.number, request.id, deliveredTokens ?? request.outputTokens);
  lookIfWanted(schedule, queue);
}

/** Something has become free: if anybody waits for the pool, in whichever worker, it is looked at. */
function lookIfWanted({ memory, arbiter }: WorkerSchedule, { number }: PoolQueue): void {
  if (memory.counts.any(number)) arbiter.look();
}
