// Placement that does not succeed at once. When no endpoint of the pool can take the request, or as many are under way as the pool does
// well with, it waits up to two seconds in all, so that the gap of a restart fails nobody. Who would wait longer, or past his deadline,
// is refused before he waits; and while more come than the pool can do, the lowest classes are refused first.
import {
  cohortOf,
  decideAdmission,
  isGateOpen,
  isShed,
  leastLatencyMs,
  paceShedder,
  predictWaitMs,
  retryAfterMs,
  type QueueView,
} from "@flyball/traffic";
import { PRIORITIES, type ErrorCode } from "@flyball/core";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import { MAX_WAITING, type Waiter } from "../worker/waiting-room.ts";
import type { Exchange, ShedReason } from "./exchange.ts";
import { earliestProbeAt, placeInside, placeWaiting, type Placement } from "./place.ts";
import { priorityOf } from "./priority-of.ts";

/** How long one request waits for an endpoint, over all its waits. */
export const MAX_WAIT_MS = 2_000;

/** Why there is no place. FB_GATEWAY_OVERLOADED: more requests came than the pool can do. */
export interface NoPlace {
  readonly code: ErrorCode;
  /** When to come again, as far as it is known. */
  readonly retryAfterMs: number | undefined;
}

/** What comes of it. */
export interface PlaceOutcome {
  /** A place on it is taken. */
  onPlaced(endpoint: Endpoint, ticket: number): void;
  /** Not called when the client left. */
  onNoPlace(refusal: NoPlace): void;
}

/**
 * Places a request that found no place at once, waits, or refuses it. Callers try `place` first, so that nothing of this is made for a
 * request that need not wait. `tried` is emptied by a wait: after it every endpoint deserves another try. The exchange's `running` is the
 * wait while it lasts.
 */
export function awaitPlace(exchange: Exchange, pool: Pool, tried: Set<Endpoint>, outcome: PlaceOutcome): void {
  const { context } = exchange;
  const now = context.clock.monotonic();
  const priority = priorityOf(exchange);
  const refusal = refuse(exchange, pool, priority, now);
  if (refusal) {
    outcome.onNoPlace(refusal);
    return;
  }
  const isFirst = pool.waitingRoom.size === 0;
  const placement: Placement = isFirst && isGateOpen(pool.gate) ? placeInside(context, pool, tried) : { kind: "held" };
  if (placement.kind === "placed") {
    outcome.onPlaced(placement.endpoint, placement.ticket);
    return;
  }
  exchange.waitUntil ??= Math.min(now + MAX_WAIT_MS, exchange.deadlineAt);
  const kind = placement.kind;
  if (exchange.waitUntil <= now) {
    outcome.onNoPlace(whyNoPlace(exchange, pool, { kind, wasTried: tried.size > 0, priority }));
    return;
  }
  wait(exchange, pool, { tried, outcome, priority, kind });
  if (kind === "none") pool.waitingRoom.wakeAt(earliestProbeAt(context, pool));
  else if (kind === "held") pool.waitingRoom.wake();
}

type NoPlacement = Exclude<Placement["kind"], "placed">;

interface Wait {
  readonly tried: Set<Endpoint>;
  readonly outcome: PlaceOutcome;
  readonly priority: number;
  readonly kind: NoPlacement;
}

function wait(exchange: Exchange, pool: Pool, { tried, outcome, priority, kind }: Wait): void {
  const { context } = exchange;
  const { waitingRoom } = pool;
  let placement: Placement = { kind };
  const end = (): void => {
    cancelTimer();
    exchange.running = undefined;
  };
  const waiter: Waiter = {
    priority,
    enteredAt: context.clock.monotonic(),
    take() {
      placement = placeWaiting(context, pool);
      return placement.kind === "placed";
    },
    go() {
      end();
      tried.clear();
      if (placement.kind === "placed") outcome.onPlaced(placement.endpoint, placement.ticket);
    },
    giveWay() {
      end();
      outcome.onNoPlace(overloaded(exchange, pool, priority, "queue-full"));
    },
  };
  const leftMs = (exchange.waitUntil as number) - context.clock.monotonic();
  const cancelTimer = context.clock.after(Math.max(1, leftMs), () => {
    waitingRoom.leave(waiter);
    exchange.running = undefined;
    const last = placement.kind === "placed" ? "held" : placement.kind;
    outcome.onNoPlace(whyNoPlace(exchange, pool, { kind: last, wasTried: tried.size > 0, priority }));
  });
  exchange.running = {
    cancel() {
      cancelTimer();
      waitingRoom.leave(waiter);
    },
  };
  if (waitingRoom.enter(waiter)) return;
  end();
  outcome.onNoPlace(overloaded(exchange, pool, priority, "queue-full"));
}

/** Refuses what cannot be served in time and what is shed. Only a full pool refuses: a gap of its endpoints is waited for. */
function refuse(exchange: Exchange, pool: Pool, priority: number, now: number): NoPlace | undefined {
  const { gate, waitingRoom } = pool;
  if (isGateOpen(gate) && gate.shedder.share === 0) return undefined;
  const { random } = exchange.context;
  const isNew = exchange.waitUntil === undefined && exchange.attemptsSent === 0;
  const decision = decideAdmission({
    now,
    deadlineAt: Math.min(exchange.deadlineAt - leastLatencyMs(gate), now + MAX_WAIT_MS),
    leastServiceMs: 0,
    queue: queueOf(pool, waitingRoom.before(priority)),
    queueLimit: MAX_WAITING,
    isShed() {
      if (!isNew || now < gate.deafUntil) return false;
      paceShedder(gate);
      // Lower classes wait longer than the queue's length says: others overtake them.
      const waitedMs = Math.max(0, now - waitingRoom.oldestAt());
      const waitMs = Math.max(waitedMs, predictWaitMs(queueOf(pool, waitingRoom.size)));
      const isOut = isShed(gate.shedder, { class: priority, cohort: cohort(exchange), waitMs }, now, random);
      // Where only lower classes wait, this one need not.
      return isOut && predictWaitMs(queueOf(pool, waitingRoom.before(priority))) > gate.shedder.targetWaitMs / 4;
    },
    random,
  });
  return decision.kind === "admit" ? undefined : overloaded(exchange, pool, priority, decision.reason);
}

function whyNoPlace(
  exchange: Exchange,
  pool: Pool,
  { kind, wasTried, priority }: { readonly kind: NoPlacement; readonly wasTried: boolean; readonly priority: number },
): NoPlace {
  if (kind === "held" && !isGateOpen(pool.gate)) return overloaded(exchange, pool, priority, "waited");
  if (kind === "full") return { code: "FB_GATEWAY_SATURATED", retryAfterMs: undefined };
  const code = pool.serving.length > 0 && wasTried ? "FB_GATEWAY_CONNECT" : "FB_GATEWAY_NO_ENDPOINT";
  return { code, retryAfterMs: undefined };
}

/** Counts a request that is turned away because too many came, and says when to come again. */
function overloaded(exchange: Exchange, pool: Pool, priority: number, reason: ShedReason): NoPlace {
  const { context } = exchange;
  exchange.shed = reason;
  pool.sums.refused += 1;
  context.metrics.shed.series(pool.id, PRIORITIES[priority] as string, reason).add();
  return {
    code: "FB_GATEWAY_OVERLOADED",
    retryAfterMs: retryAfterMs(queueOf(pool, pool.waitingRoom.size), context.random),
  };
}

function queueOf({ gate }: Pool, queued: number): QueueView {
  return { queued, serviceMs: gate.serviceMs, concurrency: gate.limit };
}

/** The same caller is in or out for a while; one without a key is told by his address. */
function cohort({ key, request }: Exchange): number {
  return cohortOf(key?.id ?? request.socket.remoteAddress ?? "");
}
