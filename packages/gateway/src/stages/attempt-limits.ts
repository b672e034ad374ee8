// The time limits of one attempt, one after the other: until the connection stands, until the response's headers, between two pieces
// of its body; and over all of them the request's own deadline.
import type { TimeoutsSpec } from "@flyball/core";
import { createWatchdog, type Watchdog } from "../stream/watchdog.ts";
import type { Exchange } from "./exchange.ts";

/** Where an attempt is. `first-token` lasts over the headers until the first content. `rest`: the client reads slowly, so nothing is expected of the upstream. */
export type AttemptPhase = "connect" | "first-byte" | "first-token" | "gap" | "rest";

/** A limit that was hit. */
export interface HitLimit {
  readonly phase: "connect" | "first-byte" | "first-token" | "gap" | "total";
  readonly limitMs: number;
}

/** Limits of an attempt, and of a model's first content where there is one. */
export interface LimitTimes extends TimeoutsSpec {
  readonly firstTokenMs?: number | undefined;
}

/** The limits of one attempt. They begin with `enter("connect")`. */
export class AttemptLimits {
  phase: AttemptPhase = "connect";
  /** When the phase began, or began anew (monotonic), and how long the one before it lasted. */
  enteredAt: number;
  lastedMs = 0;
  readonly #exchange: Exchange;
  readonly #timeouts: LimitTimes;
  readonly #watchdog: Watchdog;
  #phaseEndsAt = Number.POSITIVE_INFINITY;

  constructor(exchange: Exchange, timeouts: LimitTimes, onHit: (hit: HitLimit) => void) {
    this.#exchange = exchange;
    this.#timeouts = timeouts;
    this.enteredAt = exchange.context.clock.monotonic();
    this.#watchdog = createWatchdog(exchange.context.clock, () => onHit(this.#hit()));
  }

  /** The phase begins, or begins anew. */
  enter(phase: AttemptPhase): void {
    const now = this.#exchange.context.clock.monotonic();
    this.phase = phase;
    this.lastedMs = now - this.enteredAt;
    this.enteredAt = now;
    const limitMs = limitOf(phase, this.#timeouts);
    this.#phaseEndsAt = limitMs > 0 ? now + limitMs : Number.POSITIVE_INFINITY;
    this.#watchdog.set(Math.min(this.#phaseEndsAt, this.#exchange.deadlineAt));
  }

  /** Ends them. */
  clear(): void {
    this.#watchdog.clear();
  }

  #hit(): HitLimit {
    const { phase } = this;
    const { deadlineAt, startedAt } = this.#exchange;
    if (phase === "rest" || deadlineAt <= this.#phaseEndsAt) {
      return { phase: "total", limitMs: Math.round(deadlineAt - startedAt) };
    }
    return { phase, limitMs: limitOf(phase, this.#timeouts) };
  }
}

function limitOf(phase: AttemptPhase, timeouts: LimitTimes): number {
  switch (phase) {
    case "connect":
      return timeouts.connectMs;
    case "first-byte":
      return timeouts.firstByteMs;
    case "first-token":
      return timeouts.firstTokenMs ?? timeouts.firstByteMs;
    case "gap":
      return timeouts.gapMs;
    case "rest":
      return 0;
    default:
      return phase satisfies never;
  }
}
