// Half-open with one probe over all workers. Each worker has its own evidence and its own breaker; what they share is the probe: who sends
// it, when the next one may go, and that it came back well. So an endpoint that is ejected everywhere is asked once and not once a worker,
// and one good answer brings it back everywhere.
import { breakerPermission, breakerReturned, type Breaker } from "./breaker.ts";
import type { Permission } from "./endpoint-breaker.ts";

/** What is known of the probes of an endpoint. Times are monotonic milliseconds of the worker that reads it. */
export type SharedProbe =
  | { readonly kind: "none" }
  /** One is under way; it counts as lost after `until`. */
  | { readonly kind: "probing"; readonly until: number }
  /** One failed, or a worker ejected the endpoint: none goes before `until`. `pauses` is how many there were in a row. */
  | { readonly kind: "resting"; readonly until: number; readonly pauses: number }
  /** One came back well. */
  | { readonly kind: "returned"; readonly at: number };

/** Brings a breaker to what the other workers have found out; whether a request may go there then. */
export function hearOfProbe(breaker: Breaker, shared: SharedProbe, now: number): Permission {
  if (breaker.phase === "closed") return "send";
  if (breaker.cause === "asked") return "refuse";
  switch (shared.kind) {
    case "none":
      break;
    case "probing":
      if (now < shared.until) return "refuse";
      break;
    case "resting":
      breaker.pauses = Math.max(breaker.pauses, shared.pauses);
      if (now < shared.until) return "refuse";
      break;
    case "returned":
      // A return before this worker's own ejection says nothing about what it saw since.
      if (shared.at <= breaker.ejectedAt) break;
      breakerReturned(breaker, shared.at);
      return "send";
    default:
      shared satisfies never;
  }
  return breakerPermission(breaker, now);
}
