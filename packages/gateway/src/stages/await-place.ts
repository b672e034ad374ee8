// Placement that waits: when no endpoint of the pool can take the request now, it waits up to two seconds in all for one to appear, so
// that the gap of a restart fails nobody. What is woken looks again; who waited long enough is told why there was no place.
import type { ErrorCode } from "@flyball/core";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { Exchange } from "./exchange.ts";
import { earliestProbeAt, place } from "./place.ts";

/** How long one request waits for an endpoint, over all its waits. */
export const MAX_WAIT_MS = 2_000;

/** What comes of it. */
export interface PlaceOutcome {
  /** A place on it is taken. */
  onPlaced(endpoint: Endpoint, ticket: number): void;
  /** Not called when the client left. */
  onNoPlace(code: ErrorCode): void;
}

/**
 * Places a request at once or waits. `tried` is emptied by a wait: after it every endpoint deserves another try. The exchange's
 * `running` is the wait while it lasts.
 */
export function awaitPlace(exchange: Exchange, pool: Pool, tried: Set<Endpoint>, outcome: PlaceOutcome): void {
  const { context } = exchange;
  const placement = place(context, pool, tried);
  if (placement.kind === "placed") {
    outcome.onPlaced(placement.endpoint, placement.ticket);
    return;
  }
  const now = context.clock.monotonic();
  exchange.waitUntil ??= Math.min(now + MAX_WAIT_MS, exchange.deadlineAt);
  const giveUp = (): void => outcome.onNoPlace(whyNoPlace(pool, placement.kind, tried.size > 0));
  const leftMs = exchange.waitUntil - now;
  if (leftMs <= 0) {
    giveUp();
    return;
  }
  const leave = pool.waitingRoom.enter(() => {
    cancelTimer();
    exchange.running = undefined;
    tried.clear();
    awaitPlace(exchange, pool, tried, outcome);
  });
  if (!leave) {
    giveUp();
    return;
  }
  const cancelTimer = context.clock.after(Math.max(1, leftMs), () => {
    leave();
    exchange.running = undefined;
    giveUp();
  });
  exchange.running = {
    cancel() {
      cancelTimer();
      leave();
    },
  };
  if (placement.kind === "none") pool.waitingRoom.wakeFirstAt(earliestProbeAt(context, pool));
}

function whyNoPlace(pool: Pool, kind: "full" | "none", wasTried: boolean): ErrorCode {
  if (kind === "full") return "FB_GATEWAY_SATURATED";
  return pool.serving.length > 0 && wasTried ? "FB_GATEWAY_CONNECT" : "FB_GATEWAY_NO_ENDPOINT";
}
