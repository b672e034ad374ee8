// Who is turned away from a pool that more come to than it can do, and what he is told.
import {
  cohortOf,
  decideAdmission,
  isGateOpen,
  isShed,
  leastLatencyMs,
  paceShedder,
  predictWaitMs,
  queueBefore,
  retryAfterMs,
} from "@flyball/traffic";
import type { QueueView } from "@flyball/traffic";
import { PRIORITIES, type ErrorCode } from "@flyball/core";
import { allowedConcurrency, MAX_WAITING, oldestEnteredAt } from "../schedule/pool-queue.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";
import type { Exchange, ShedReason } from "./exchange.ts";
import type { Placement } from "./place.ts";

/** How long one request waits for an endpoint, over all its waits, unless its pool says otherwise. */
export const MAX_WAIT_MS = 2_000;

/** Why there is no place. FB_GATEWAY_OVERLOADED: more requests came than the pool can do. */
export interface NoPlace {
  readonly code: ErrorCode;
  /** When to come again, as far as it is known. */
  readonly retryAfterMs: number | undefined;
}

/** Refuses what cannot be served in time and what is shed. To be asked for a full pool, and for one that sheds. */
export function refusePlace(exchange: Exchange, pool: Pool, priority: number, now: number): NoPlace | undefined {
  const { gate } = pool;
  const { context } = exchange;
  const queue = queueOf(context, pool, waitingBefore(pool, priority));
  let isOut: boolean | undefined;
  const isShedNow = (): boolean => (isOut ??= askShedder(exchange, pool, priority, now));
  // The shedder counts all that come, so it hears of those too who are refused for their wait alone.
  if (predictWaitMs(queue) > maxWaitMs(pool)) isShedNow();
  const decision = decideAdmission({
    now,
    deadlineAt: Math.min(exchange.deadlineAt - leastLatencyMs(gate), now + maxWaitMs(pool)),
    leastServiceMs: 0,
    queue,
    queueLimit: MAX_WAITING,
    isShed: isShedNow,
    random: context.random,
  });
  return decision.kind === "admit" ? undefined : refuseAsOverloaded(exchange, pool, priority, decision.reason);
}

function askShedder(exchange: Exchange, pool: Pool, priority: number, now: number): boolean {
  const { gate } = pool;
  const { context } = exchange;
  const isNew = exchange.waitUntil === undefined && exchange.attemptsSent === 0;
  if (!isNew || now < gate.deafUntil) return false;
  paceShedder(gate);
  // Where a long wait is allowed by name, a queue of half of it is no overload.
  if (pool.maxWaitMs !== undefined) {
    gate.shedder.targetWaitMs = Math.max(gate.shedder.targetWaitMs, pool.maxWaitMs / 2);
  }
  // Lower classes wait longer than the queue's length says: others overtake them.
  const waitedMs = Math.max(0, now - oldestAt(pool));
  const waitMs = Math.max(waitedMs, predictWaitMs(queueOf(context, pool, waitingBefore(pool, 0))));
  const isOut = isShed(gate.shedder, { class: priority, cohort: cohort(exchange), waitMs }, now, context.random);
  // Where only lower classes wait, this one need not.
  const ownMs = predictWaitMs(queueOf(context, pool, waitingBefore(pool, priority)));
  return isOut && ownMs > gate.shedder.targetWaitMs / 4;
}

/** Counts a request that is turned away because too many came, and says when to come again. */
export function refuseAsOverloaded(exchange: Exchange, pool: Pool, priority: number, reason: ShedReason): NoPlace {
  const { context } = exchange;
  exchange.shed = reason;
  if (exchange.explanation) exchange.explanation.refusal = { code: "FB_GATEWAY_OVERLOADED", reason };
  pool.sums.refused += 1;
  context.metrics.shed.series(pool.id, PRIORITIES[priority] as string, reason).add();
  return {
    code: "FB_GATEWAY_OVERLOADED",
    retryAfterMs: retryAfterMs(queueOf(context, pool, waitingBefore(pool, 0)), context.random),
  };
}

/** How a placement failed. */
export type NoPlacement = Exclude<Placement["kind"], "placed">;

/** Why somebody has no place at the end of his wait. */
export function whyNoPlace(
  exchange: Exchange,
  pool: Pool,
  { kind, wasTried, priority }: { readonly kind: NoPlacement; readonly wasTried: boolean; readonly priority: number },
): NoPlace {
  const isFull = pool.queue === undefined ? !isGateOpen(pool.gate) : pool.serving.length > 0;
  if (kind === "held" && isFull) return refuseAsOverloaded(exchange, pool, priority, "waited");
  if (kind === "full") return { code: "FB_GATEWAY_SATURATED", retryAfterMs: undefined };
  if (pool.serving.length === 0 || !wasTried) return { code: "FB_GATEWAY_NO_ENDPOINT", retryAfterMs: undefined };
  // Only while nothing of it was sent is it certain that it was not executed.
  const code = exchange.attemptsSent === 0 ? "FB_GATEWAY_CONNECT" : "FB_GATEWAY_UPSTREAM_LOST";
  return { code, retryAfterMs: undefined };
}

/** How long a request may wait for a place of this pool. */
export function maxWaitMs({ maxWaitMs: own }: Pool): number {
  return own ?? MAX_WAIT_MS;
}

/** How many wait for the pool that come before one of this class; with class 0 all of them. */
function waitingBefore({ queue, waitingRoom }: Pool, priority: number): number {
  if (queue === undefined) return priority === 0 ? waitingRoom.size : waitingRoom.before(priority);
  return queue.schedule.memory.counts.from(queue.number, priority);
}

function oldestAt({ queue, waitingRoom }: Pool): number {
  return queue === undefined ? waitingRoom.oldestAt() : oldestEnteredAt(queue);
}

function queueOf({ workerCount }: WorkerContext, { gate, queue }: Pool, queued: number): QueueView {
  const own = queueBefore(gate, queued);
  // Its own line is of this worker, that of a scheduled pool of all of them, whose gates see the same.
  if (queue === undefined) return own;
  const { surplus = 0, servedPerMs = 0 } = own;
  const concurrency = allowedConcurrency(queue) || gate.limit;
  return { ...own, concurrency, surplus: surplus * workerCount, servedPerMs: servedPerMs * workerCount };
}

/** The same caller is in or out for a while; one without a key is told by his address. */
function cohort({ key, request }: Exchange): number {
  return cohortOf(key?.id ?? request.socket.remoteAddress ?? "");
}
