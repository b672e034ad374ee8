// Placement that does not succeed at once. When no endpoint of the pool can take the request, or as many are under way as the pool does
// well with, it waits up to two seconds in all, so that the gap of a restart fails nobody. Who would wait longer, or past his deadline,
// is refused before he waits; and while more come than the pool can do, the lowest classes are refused first.
import { isGateOpen } from "@flyball/traffic";
import type { Endpoint } from "../worker/endpoint.ts";
import type { Pool } from "../worker/pool.ts";
import type { Waiter } from "../worker/waiting-room.ts";
import { awaitTurn } from "./await-turn.ts";
import type { Exchange } from "./exchange.ts";
import type { PlaceOutcome } from "./place-outcome.ts";
import { placeInside, placeWaiting, type Placement } from "./place.ts";
import { priorityOf } from "./priority-of.ts";
import { maxWaitMs, refuseAsOverloaded, refusePlace, whyNoPlace, type NoPlacement } from "./refuse-place.ts";
import { earliestProbeAt } from "./who-may-be-asked.ts";

/**
 * Places a request that found no place at once, waits, or refuses it. Callers try `place` first, so that nothing of this is made for a
 * request that need not wait. `tried` is emptied by a wait: after it every endpoint deserves another try. The exchange's `running` is the
 * wait while it lasts.
 */
export function awaitPlace(exchange: Exchange, pool: Pool, tried: Set<Endpoint>, outcome: PlaceOutcome): void {
  if (pool.queue !== undefined) {
    awaitTurn(exchange, pool, pool.queue, tried, outcome);
    return;
  }
  const { context } = exchange;
  const now = context.clock.monotonic();
  const priority = priorityOf(exchange);
  const mustAsk = !isGateOpen(pool.gate) || pool.gate.shedder.share > 0;
  const refusal = mustAsk ? refusePlace(exchange, pool, priority, now) : undefined;
  if (refusal) {
    outcome.onNoPlace(refusal);
    return;
  }
  const isFirst = pool.waitingRoom.size === 0;
  const placement: Placement = isFirst && isGateOpen(pool.gate) ? placeInside(context, pool, tried) : { kind: "held" };
  if (placement.kind === "placed") {
    outcome.onPlaced(placement.endpoint, placement.ticket, placement.booking);
    return;
  }
  exchange.waitUntil ??= Math.min(now + maxWaitMs(pool), exchange.deadlineAt);
  const kind = placement.kind;
  if (exchange.waitUntil <= now) {
    outcome.onNoPlace(whyNoPlace(exchange, pool, { kind, wasTried: tried.size > 0, priority }));
    return;
  }
  wait(exchange, pool, { tried, outcome, priority, kind });
  if (kind === "none") pool.waitingRoom.wakeAt(earliestProbeAt(context, pool));
  else if (kind === "held") pool.waitingRoom.wake();
}

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
      if (placement.kind === "placed") outcome.onPlaced(placement.endpoint, placement.ticket, placement.booking);
    },
    giveWay() {
      end();
      outcome.onNoPlace(refuseAsOverloaded(exchange, pool, priority, "queue-full"));
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
  outcome.onNoPlace(refuseAsOverloaded(exchange, pool, priority, "queue-full"));
}
