// The time limits of one attempt, one after the other: until the connection stands, until the response's headers, between two pieces
// of its body; and over all of them the request's own deadline.
import type { TimeoutsSpec } from "@flyball/core";
import { createWatchdog } from "../stream/watchdog.ts";
import type { Exchange } from "./exchange.ts";

/** Where an attempt is. `first-token` lasts over the headers until the first content. `rest`: the client reads slowly, so nothing is expected of the upstream. */
export type AttemptPhase = "connect" | "first-byte" | "first-token" | "gap" | "rest";

/** A limit that was hit. */
export interface HitLimit {
  readonly phase: "connect" | "first-byte" | "first-token" | "gap" | "total";
  readonly limitMs: number;
}

/** The limits. */
export interface AttemptLimits {
  phase: AttemptPhase;
  /** When the phase began, or began anew (monotonic), and how long the one before it lasted. */
  enteredAt: number;
  lastedMs: number;
  /** The phase begins, or begins anew. */
  enter(phase: AttemptPhase): void;
  /** Ends them. */
  clear(): void;
}

/** Limits of an attempt, and of a model's first content where there is one. */
export interface LimitTimes extends TimeoutsSpec {
  readonly firstTokenMs?: number;
}

/** Begins with the connection. */
export function startAttemptLimits(
  exchange: Exchange,
  timeouts: LimitTimes,
  onHit: (hit: HitLimit) => void,
): AttemptLimits {
  const { clock } = exchange.context;
  let phaseEndsAt = Number.POSITIVE_INFINITY;
  const watchdog = createWatchdog(clock, () => {
    const { phase } = limits;
    if (phase === "rest" || exchange.deadlineAt <= phaseEndsAt) {
      onHit({ phase: "total", limitMs: Math.round(exchange.deadlineAt - exchange.startedAt) });
    } else onHit({ phase, limitMs: limitOf(phase, timeouts) });
  });
  const limits: AttemptLimits = {
    phase: "connect",
    enteredAt: clock.monotonic(),
    lastedMs: 0,
    enter(phase) {
      const now = clock.monotonic();
      limits.phase = phase;
      limits.lastedMs = now - limits.enteredAt;
      limits.enteredAt = now;
      const limitMs = limitOf(phase, timeouts);
      phaseEndsAt = limitMs > 0 ? now + limitMs : Number.POSITIVE_INFINITY;
      watchdog.set(Math.min(phaseEndsAt, exchange.deadlineAt));
    },
    clear: watchdog.clear,
  };
  limits.enter("connect");
  return limits;
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
