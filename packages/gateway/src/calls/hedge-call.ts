// A second attempt beside a first one whose first token is late. The first content wins, and the other attempt is cancelled at once, so
// that its backend stops working on it. The share of calls that get one is bounded.
import { addCallToHedgeBudget, decideHedge, hedgeDelayMs, takeHedge } from "@flyball/traffic";
import type { CancelTimer } from "@flyball/core";
import { incomingAttempt } from "../stages/attempt-number.ts";
import type { Attempt } from "../stages/send.ts";
import type { Endpoint } from "../worker/endpoint.ts";
import type { ServingBackend } from "../worker/serving-state.ts";
import type { CallRun } from "./call-run.ts";
import type { ModelCall } from "./model-call.ts";

/** Attempts of one call that may run beside each other. */
export class CallRace {
  running: readonly Attempt[] = [];
  cancelTimer: CancelTimer | undefined;

  add(attempt: Attempt): void {
    this.running = [...this.running, attempt];
  }

  /** For the exchange: ends whatever runs. */
  cancel(): void {
    this.cancelTimer?.();
    const { running } = this;
    this.running = [];
    for (const attempt of running) attempt.cancel();
  }
}

/** Where a second attempt would go. */
export interface HedgePlace {
  readonly backend: ServingBackend;
  readonly endpoint: Endpoint;
}

/** Each call brings its share to the budget, whatever becomes of it. */
export function countForHedges(call: ModelCall): void {
  const { hedge, memory } = call.model;
  if (hedge && mayBeHedged(call)) addCallToHedgeBudget(memory.hedgeBudget, hedge.costCap);
}

function mayBeHedged({ scan }: ModelCall): boolean {
  return scan.isStream && !scan.isStateful;
}

/** Watches a first attempt; `start` begins the second one and returns false when there is no place for it. */
export function watchForHedge(
  run: CallRun,
  findPlace: () => HedgePlace | undefined,
  start: (place: HedgePlace) => void,
): void {
  const { call, exchange, race } = run;
  const { hedge, memory } = call.model;
  if (!hedge || !mayBeHedged(call)) return;
  const delayMs = hedgeDelayMs(hedge.afterMs, memory.firstToken);
  if (delayMs === undefined || race.cancelTimer) return;
  const { clock } = exchange.context;
  race.cancelTimer = clock.after(Math.max(1, delayMs), () => {
    const place = findPlace();
    const decision = decideHedge({
      hasContent: run.client.hasContent(),
      running: race.running.length,
      isRepeatable: true,
      isRetry: incomingAttempt(exchange) > 1,
      isAnotherFree: place !== undefined,
      loadThere:
        place === undefined ? 0 : exchange.context.inFlight.total(place.endpoint.slot) / place.endpoint.capacity,
      isInTime: clock.monotonic() + delayMs < exchange.deadlineAt,
      takeBudget: () => takeHedge(memory.hedgeBudget),
    });
    if (!decision.isHedged || !place) return;
    exchange.wasHedged = true;
    start(place);
  });
}

/** The first content came from this attempt: the call is its own. */
export function winRace({ race }: CallRun, winner: Attempt): void {
  race.cancelTimer?.();
  const { running } = race;
  if (running.length === 1 && running[0] === winner) return;
  race.running = [winner];
  for (const attempt of running) if (attempt !== winner) attempt.cancel();
}

/** This attempt is over; whether another one still runs and the call waits for it. */
export function leaveRace({ race }: CallRun, attempt: Attempt): boolean {
  race.running = race.running.filter((other) => other !== attempt);
  return race.running.length > 0;
}
