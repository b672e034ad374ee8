// Waiting for a place of a scheduled pool: the arbiter orders all who wait for it, of every worker. Here a request is put in line, taken out
// when its time is over or its client leaves, and sent where the arbiter says. While no endpoint may be asked at all it is parked: the arbiter
// hears of it when one may be again, as it does of whoever has to wait for room.
import type { CancelTimer } from "@flyball/core";
import {
  enterQueue,
  isOwnTurn,
  leaveQueue,
  lookAtFirst,
  unparkAll,
  type PoolQueue,
  type QueuedRequest,
} from "../schedule/pool-queue.ts";
import { explainAttempt } from "../schedule/explanation.ts";
import { askedWork, scheduledRequestOf } from "../schedule/scheduled-request-of.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import type { Exchange } from "./exchange.ts";
import type { PlaceOutcome } from "./place-outcome.ts";
import { placeInside, takeBooked, type Placement } from "./place.ts";
import { maxWaitMs, refuseAsOverloaded, refusePlace, whyNoPlace } from "./refuse-place.ts";
import { earliestProbeAt, isAnyFree, isAnyUntried } from "./who-may-be-asked.ts";

/** As `awaitPlace`, for a pool with a queue. */
export function awaitTurn(
  exchange: Exchange,
  pool: Pool,
  queue: PoolQueue,
  tried: Set<Endpoint>,
  outcome: PlaceOutcome,
): void {
  const { context } = exchange;
  const now = context.clock.monotonic();
  const { priority } = askedWork(exchange, pool, queue);
  const isGap = !isAnyFree(context, pool, tried);
  const isTurn = isOwnTurn(queue);
  const mustAsk = !isGap && (!isTurn || pool.gate.shedder.share > 0);
  const refusal = mustAsk ? refusePlace(exchange, pool, priority, now) : undefined;
  if (refusal) {
    outcome.onNoPlace(refusal);
    return;
  }
  const placement: Placement = isTurn ? placeInside(context, pool, tried, exchange) : { kind: "held" };
  if (placement.kind === "placed") {
    outcome.onPlaced(placement.endpoint, placement.ticket, placement.booking);
    return;
  }
  exchange.waitUntil ??= Math.min(now + maxWaitMs(pool), exchange.deadlineAt);
  const isParked = isGap || placement.kind === "none";
  const seeking = { exchange, pool, queue, tried, outcome, priority, isParked };
  if (exchange.waitUntil <= now) outcome.onNoPlace(noPlace(seeking));
  else wait(seeking);
}

interface Seeking {
  readonly exchange: Exchange;
  readonly pool: Pool;
  readonly queue: PoolQueue;
  readonly tried: Set<Endpoint>;
  readonly outcome: PlaceOutcome;
  readonly priority: number;
  readonly isParked: boolean;
}

function wait(seeking: Seeking): void {
  const { exchange, pool, queue, tried, outcome, priority } = seeking;
  const { context } = exchange;
  const { waiting: gauge } = pool.metrics;
  let cancelTimer: CancelTimer | undefined;
  const end = (): void => {
    cancelTimer?.();
    exchange.running = undefined;
    gauge.add(-1);
    if (exchange.explanation) exchange.explanation.waits = undefined;
  };
  const queued: QueuedRequest = {
    request: scheduledRequestOf(exchange, pool, queue),
    priority,
    enteredAt: context.clock.monotonic(),
    isParked: seeking.isParked,
    onGrant(endpoint, booking) {
      if (!seeking.isParked && tried.has(endpoint) && isAnyUntried(context, pool, tried)) return false;
      const ticket = takeBooked(context, endpoint);
      if (ticket === undefined) return false;
      end();
      tried.clear();
      explainAttempt(exchange, endpoint.id, booking);
      outcome.onPlaced(endpoint, ticket, booking);
      return true;
    },
    onLook() {
      const placement = placeInside(context, pool, undefined, exchange);
      if (placement.kind !== "placed") return false;
      end();
      tried.clear();
      outcome.onPlaced(placement.endpoint, placement.ticket, placement.booking);
      return true;
    },
    onLost() {
      end();
      outcome.onNoPlace(refuseAsOverloaded(exchange, pool, priority, "queue-full"));
    },
  };
  gauge.add(1);
  if (exchange.explanation) exchange.explanation.waits = { queue, queued };
  const leftMs = (exchange.waitUntil as number) - queued.enteredAt;
  cancelTimer = context.clock.after(Math.max(1, leftMs), () => {
    leaveQueue(queue, queued);
    end();
    outcome.onNoPlace(noPlace({ ...seeking, isParked: queued.isParked }));
  });
  exchange.running = {
    cancel() {
      leaveQueue(queue, queued);
      end();
    },
  };
  if (enterQueue(queue, queued)) {
    watchProbes(context, pool, queue);
    return;
  }
  end();
  outcome.onNoPlace(refuseAsOverloaded(exchange, pool, priority, "queue-full"));
}

function noPlace({ exchange, pool, tried, priority, isParked }: Seeking): ReturnType<typeof whyNoPlace> {
  const why = whyNoPlace(exchange, pool, { kind: isParked ? "none" : "held", wasTried: tried.size > 0, priority });
  if (exchange.explanation) exchange.explanation.refusal ??= { code: why.code, reason: exchange.shed ?? null };
  return why;
}

/** While somebody waits and an endpoint is ejected or rests, he who came first looks when it may be asked again. */
function watchProbes(context: WorkerContext, pool: Pool, queue: PoolQueue): void {
  const at = earliestProbeAt(context, pool);
  if (!Number.isFinite(at) || at >= queue.probeAt) return;
  queue.cancelProbe?.();
  queue.probeAt = at;
  queue.cancelProbe = context.clock.after(Math.max(1, Math.ceil(at - context.clock.monotonic())), () => {
    queue.probeAt = Number.POSITIVE_INFINITY;
    queue.cancelProbe = undefined;
    lookAtFirst(queue);
    unparkAll(queue);
    if (queue.waiting.size > 0) watchProbes(context, pool, queue);
  });
}
