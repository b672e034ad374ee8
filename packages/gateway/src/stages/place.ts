// Which endpoint of a pool gets the next attempt: breakers and cooldowns say who may, the balancer says who is best. A place is taken in
// the same step as it is chosen.
import {
  breakerTicket,
  chooseLeastOwnLoad,
  chooseOfTwo,
  enterBreaker,
  enterGate,
  isGateOpen,
  isGateOpenToWaiting,
  isShedding,
  selectEndpoints,
  slowStartShare,
} from "@flyball/traffic";
import { bookAnyway, bookAtOnce, endBooking, type Booking } from "../schedule/booking.ts";
import { explainAttempt } from "../schedule/explanation.ts";
import { isOwnTurn, type PoolQueue } from "../schedule/pool-queue.ts";
import { scheduledRequestOf } from "../schedule/scheduled-request-of.ts";
import { MAX_CONNECTIONS } from "../upstream/max-connections.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import { mayProbe } from "./eject.ts";
import type { Exchange } from "./exchange.ts";
import { permissionAt } from "./who-may-be-asked.ts";

/**
 * A probe that has brought neither content nor an end for this long counts as lost, and another one may go. Longer than most first
 * answers take; a late one still closes the breaker.
 */
const PROBE_LIMIT_MS = 60_000;

/** The endpoint with a place taken on it, or why there is none. */
export type Placement =
  /** In a scheduled pool with what is reserved there. */
  | {
      readonly kind: "placed";
      readonly endpoint: Endpoint;
      readonly ticket: number;
      readonly booking: Booking | undefined;
    }
  /** As many attempts are under way as the pool does well with, or others wait already. */
  | { readonly kind: "held" }
  /** Every endpoint has as many requests as it may have connections. */
  | { readonly kind: "full" }
  /** None is there, or all were tried and wait for their probe, or all rest. */
  | { readonly kind: "none" };

const HELD: Placement = { kind: "held" };
const FULL: Placement = { kind: "full" };
const NONE: Placement = { kind: "none" };

/** For whom a place is sought. */
interface Seeker {
  readonly context: WorkerContext;
  /** undefined: its pool is not scheduled. */
  readonly queue: PoolQueue | undefined;
  /** What is booked for; asked for only where there is a queue. */
  readonly exchange: Exchange | undefined;
  readonly pool: Pool | undefined;
  /** The client reads already: room is not asked for. */
  readonly isForced: boolean;
}

/** Whether somebody who comes now may be placed at once: nobody waits before him, and there is room. */
export function hasRoom({ clock }: WorkerContext, { gate, waitingRoom, queue }: Pool): boolean {
  if (queue === undefined ? !isGateOpen(gate) || waitingRoom.size > 0 : !isOwnTurn(queue)) return false;
  return gate.shedder.share === 0 || !isShedding(gate.shedder, clock.monotonic());
}

/** Places somebody who comes now. Chooses among the serving endpoints; ones in `tried` only when no other is left. */
export function place(
  context: WorkerContext,
  pool: Pool,
  tried: ReadonlySet<Endpoint> | undefined,
  exchange?: Exchange,
): Placement {
  return hasRoom(context, pool) ? placeInside(context, pool, tried, exchange) : HELD;
}

/** Places the first of those who wait. */
export function placeWaiting(context: WorkerContext, pool: Pool): Placement {
  return isGateOpenToWaiting(pool.gate, context.clock.monotonic()) ? placeInside(context, pool, undefined) : HELD;
}

/** Places somebody whom the gate was opened for. */
export function placeInside(
  context: WorkerContext,
  pool: Pool,
  tried: ReadonlySet<Endpoint> | undefined,
  exchange?: Exchange,
): Placement {
  const candidates = pool.serving;
  if (candidates.length === 0) return NONE;
  const queue = exchange === undefined ? undefined : pool.queue;
  const seeker: Seeker = { context, queue, exchange, pool, isForced: false };
  const now = context.clock.monotonic();
  let isPlain = tried === undefined || tried.size === 0;
  for (const endpoint of candidates) {
    const { breaker, slot } = endpoint;
    const share = slowStartShare(breaker, now);
    if (queue === undefined) {
      endpoint.inFlight = context.inFlight.total(slot);
      endpoint.weight = endpoint.userWeight * share;
    } else setShare(queue, endpoint.seat, share);
    if (breaker.phase !== "closed" || endpoint.ownInFlight >= MAX_CONNECTIONS || context.cooldowns.until(slot) > now) {
      isPlain = false;
    }
  }
  return isPlain ? choose(seeker, candidates, undefined) : placeCarefully(seeker, candidates, tried);
}

/** An endpoint that comes back after an ejection gets its share little by little. */
function setShare({ placer }: PoolQueue, seat: number, share: number): void {
  const { room, all } = placer;
  const candidate = all[seat];
  if (candidate === undefined || room.slotShare[seat] === share) return;
  room.slotShare[seat] = share;
  room.seen[seat] = -1;
  candidate.seen = -1;
}

/** Who is placed among some endpoints, and whether room is asked for in a scheduled pool. */
export interface PlaceAmongOptions {
  readonly pool: Pool;
  readonly exchange: Exchange;
  readonly isForced: boolean;
}

/**
 * Chooses among some endpoints of a pool as if there were no others: an ejected one when all of them are. Whether there is room is not
 * asked with `isForced`: a stream that its client reads already goes on, whoever waits.
 */
export function placeAmong(
  context: WorkerContext,
  endpoints: readonly Endpoint[],
  options?: PlaceAmongOptions,
): Placement {
  for (const endpoint of endpoints) endpoint.inFlight = context.inFlight.total(endpoint.slot);
  if (endpoints.length === 0) return NONE;
  const { pool, exchange, isForced = true } = options ?? {};
  return placeCarefully({ context, queue: pool?.queue, exchange, pool, isForced }, endpoints, undefined);
}

function placeCarefully(
  seeker: Seeker,
  candidates: readonly Endpoint[],
  tried: ReadonlySet<Endpoint> | undefined,
): Placement {
  const { context } = seeker;
  const now = context.clock.monotonic();
  // What asked for a rest gets it, in a panic too: it said itself that it would only refuse.
  const awake = candidates.filter(({ slot }) => context.cooldowns.until(slot) <= now);
  if (awake.length === 0) return NONE;
  const open = awake.filter(({ ownInFlight }) => ownInFlight < MAX_CONNECTIONS);
  if (open.length === 0) return FULL;
  const choices = open.map((endpoint) => ({
    permission: mayProbe(endpoint, seeker.exchange, now) ? permissionAt(context, endpoint, now) : "refuse",
    wasTried: tried?.has(endpoint) ?? false,
  }));
  const selection = selectEndpoints(choices);
  switch (selection.kind) {
    case "probe": {
      const endpoint = open[selection.index] as Endpoint;
      if (context.probes.begin(endpoint.slot, now, now + PROBE_LIMIT_MS)) return takeAsProbe(seeker, endpoint, now);
      // Another worker was quicker, and now it is not to be probed.
      return placeCarefully(seeker, candidates, tried);
    }
    case "choose":
      return choose(
        seeker,
        selection.indices.map((index) => open[index] as Endpoint),
        candidates,
      );
    case "none": {
      const again = open.filter((_, index) => choices[index]?.permission === "send");
      return choose(seeker, again, candidates);
    }
    default:
      return selection satisfies never;
  }
}

/** `all`: what the candidates were chosen from; undefined: they are all. */
function choose(seeker: Seeker, candidates: readonly Endpoint[], all: readonly Endpoint[] | undefined): Placement {
  const { context, queue, exchange, pool } = seeker;
  if (candidates.length === 0) return NONE;
  if (queue !== undefined && exchange !== undefined && pool !== undefined) {
    return book({ ...seeker, queue, exchange, pool }, candidates, all);
  }
  const index =
    context.workerCount > 1 ? chooseOfTwo(candidates, context.random) : chooseLeastOwnLoad(candidates, context.random);
  const endpoint = candidates[index];
  if (!endpoint || !take(context, endpoint)) return NONE;
  return { kind: "placed", endpoint, ticket: breakerTicket(endpoint.breaker), booking: undefined };
}

type QueueSeeker = Seeker & { readonly queue: PoolQueue; readonly exchange: Exchange; readonly pool: Pool };

/** Takes a place in a scheduled pool; "held" when those who might take it have no room. */
function book(
  { context, queue, exchange, pool, isForced }: QueueSeeker,
  candidates: readonly Endpoint[],
  all: readonly Endpoint[] | undefined,
): Placement {
  const { schedule } = queue;
  const request = scheduledRequestOf(exchange, pool, queue);
  let shut: Uint8Array | undefined;
  if (all !== undefined) {
    shut = queue.shut.fill(1);
    for (const { seat } of candidates) if (seat >= 0) shut[seat] = 0;
  }
  const found = bookAtOnce(schedule, queue, request, shut);
  const booking = found ?? (isForced ? bookAnyway(schedule, queue, request, candidates[0] as Endpoint) : undefined);
  if (booking === undefined) return HELD;
  const { endpoint: column } = booking.reservation;
  const endpoint = candidates.find(({ slot }) => slot.index === column);
  if (endpoint && take(context, endpoint)) {
    explainAttempt(exchange, endpoint.id, booking);
    return { kind: "placed", endpoint, ticket: breakerTicket(endpoint.breaker), booking };
  }
  endBooking(schedule, booking);
  return NONE;
}

/** Takes the place that the arbiter has booked; undefined: the endpoint is another one by now. */
export function takeBooked(context: WorkerContext, endpoint: Endpoint): number | undefined {
  return take(context, endpoint) ? breakerTicket(endpoint.breaker) : undefined;
}

/** A probe goes whether there is room or not: it is one request, and all others wait for what it says. */
function takeAsProbe({ context, queue, exchange, pool }: Seeker, endpoint: Endpoint, now: number): Placement {
  if (!take(context, endpoint)) {
    context.probes.release(endpoint.slot);
    return NONE;
  }
  const booking =
    queue && exchange && pool
      ? bookAnyway(queue.schedule, queue, scheduledRequestOf(exchange, pool, queue), endpoint)
      : undefined;
  if (booking && exchange) explainAttempt(exchange, endpoint.id, booking);
  return { kind: "placed", endpoint, ticket: enterBreaker(endpoint.breaker, now, PROBE_LIMIT_MS), booking };
}

function take(context: WorkerContext, endpoint: Endpoint): boolean {
  if (!context.inFlight.acquire(context.workerIndex, endpoint.slot)) return false;
  endpoint.ownInFlight += 1;
  enterGate(endpoint.gate);
  return true;
}
