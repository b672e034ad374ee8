// The one place where an attempt ends: its place is given back, the breaker learns, the evidence and the counts grow.
import type { AttemptOutcome } from "@flyball/core";
import { onConnected, onProbeAbandoned, onRefused } from "@flyball/traffic";
import { addAttempt } from "../evidence/endpoint-evidence.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { WorkerContext } from "../worker/worker-context.ts";

/** How an attempt ended. */
export interface AttemptResult {
  readonly outcome: AttemptOutcome;
  /** The connection stood and bytes may have been sent. */
  readonly wasSent: boolean;
  readonly startedAt: number;
  readonly failure?: string | undefined;
}

/** Settles one attempt. To be called exactly once for each place that was taken. */
export function settleAttempt(context: WorkerContext, pool: Pool, endpoint: Endpoint, result: AttemptResult): void {
  endpoint.ownInFlight -= 1;
  context.inFlight.release(context.workerIndex, endpoint.slot);
  const now = context.clock.monotonic();
  if (!result.wasSent) {
    endpoint.breaker =
      result.outcome === "cancelled" ? onProbeAbandoned(endpoint.breaker, now) : onRefused(endpoint.breaker, now);
  }
  addAttempt(endpoint.evidence, {
    outcome: result.outcome,
    latencyMs: now - result.startedAt,
    at: context.clock.now(),
    failure: result.failure,
  });
  endpoint.attempts[result.outcome].add();
  if (pool.waitingRoom.size > 0) pool.waitingRoom.wakeFirst();
}

/** A place was taken and nothing is sent after all: it says nothing about the endpoint. */
export function giveBackPlace(context: WorkerContext, pool: Pool, endpoint: Endpoint): void {
  endpoint.ownInFlight -= 1;
  context.inFlight.release(context.workerIndex, endpoint.slot);
  endpoint.breaker = onProbeAbandoned(endpoint.breaker, context.clock.monotonic());
  if (pool.waitingRoom.size > 0) pool.waitingRoom.wakeFirst();
}

/** A connection to the endpoint was made: its breaker closes, and who waits may go on. */
export function settleConnected(pool: Pool, endpoint: Endpoint): void {
  if (endpoint.breaker.kind === "closed") return;
  endpoint.breaker = onConnected();
  pool.waitingRoom.wakeAll();
}
