// Ejection of one endpoint by consecutive evidence. A refused connection ejects at once: nothing listens there. After a pause one
// single request probes it (half-open); a made connection closes the breaker, a refused one doubles the pause. A probe that never
// reports is given up after a limit, so the breaker cannot stay half-open. It only advises: the pool is never emptied (see
// `selectable-endpoints.ts`).

/** First pause after an ejection; doubles up to `MAX_PAUSE_MS`. */
export const FIRST_PAUSE_MS = 250;
/** Longest pause between two probes. */
export const MAX_PAUSE_MS = 10_000;
/** A probe that said nothing for this long counts as lost, and another one may go. */
export const PROBE_LIMIT_MS = 10_000;

/** State of one breaker. Times are monotonic milliseconds. */
export type BreakerState =
  | { readonly kind: "closed" }
  | { readonly kind: "ejected"; readonly until: number; readonly pauseMs: number }
  | { readonly kind: "half-open"; readonly probeLostAt: number; readonly pauseMs: number };

/** The state of a new endpoint. */
export const CLOSED: BreakerState = { kind: "closed" };

/** What may be done with an endpoint now. */
export type Permission = "send" | "probe" | "refuse";

/** Whether a request may go there: freely, as the one probe, or not. */
export function permissionOf(state: BreakerState, now: number): Permission {
  switch (state.kind) {
    case "closed":
      return "send";
    case "ejected":
      return now >= state.until ? "probe" : "refuse";
    case "half-open":
      return now >= state.probeLostAt ? "probe" : "refuse";
    default:
      return state satisfies never;
  }
}

/** When a probe may go next; −Infinity when requests go freely. */
export function nextProbeAt(state: BreakerState): number {
  switch (state.kind) {
    case "closed":
      return Number.NEGATIVE_INFINITY;
    case "ejected":
      return state.until;
    case "half-open":
      return state.probeLostAt;
    default:
      return state satisfies never;
  }
}

/** A request was sent as the probe. */
export function onProbeSent(state: BreakerState, now: number): BreakerState {
  if (state.kind === "closed") return state;
  return { kind: "half-open", probeLostAt: now + PROBE_LIMIT_MS, pauseMs: state.pauseMs };
}

/** A connection was made. */
export function onConnected(): BreakerState {
  return CLOSED;
}

/** A connection was refused or could not be made. A late refusal of a request sent before the ejection does not lengthen the pause. */
export function onRefused(state: BreakerState, now: number): BreakerState {
  switch (state.kind) {
    case "closed":
      return { kind: "ejected", until: now + FIRST_PAUSE_MS, pauseMs: FIRST_PAUSE_MS };
    case "ejected":
      if (now < state.until) return state;
      return ejectAgain(state.pauseMs, now);
    case "half-open":
      return ejectAgain(state.pauseMs, now);
    default:
      return state satisfies never;
  }
}

/** The probe ended without evidence (its client left before the connection was made): another may go at once. */
export function onProbeAbandoned(state: BreakerState, now: number): BreakerState {
  if (state.kind !== "half-open") return state;
  return { kind: "ejected", until: now, pauseMs: state.pauseMs };
}

function ejectAgain(pauseMs: number, now: number): BreakerState {
  const next = Math.min(pauseMs * 2, MAX_PAUSE_MS);
  return { kind: "ejected", until: now + next, pauseMs: next };
}
