// Evidence: what the gateway, the prober and the driver saw. Signals go up, snapshots go down; nothing else passes between
// gateway and control. Request evidence is summed per endpoint over a short window, so its volume does not grow with the load.
import type { Composed } from "./composed-text.ts";

/** How one attempt at an endpoint ended, as the gateway classes it. */
export type AttemptOutcome =
  | "succeeded"
  /** A response with status 5xx. */
  | "server-error"
  /** The connection was refused or could not be made: nothing was sent. */
  | "refused"
  /** The connection broke after bytes were sent. */
  | "reset"
  | "timeout"
  /** The client left first: says nothing about the endpoint. */
  | "cancelled";

/** What the gateway saw of one endpoint since its last report. */
export interface RequestEvidence {
  readonly kind: "requests";
  readonly pool: string;
  readonly endpoint: string;
  readonly from: number;
  readonly to: number;
  readonly outcomes: Readonly<Partial<Record<AttemptOutcome, number>>>;
  readonly inFlight: number;
  readonly latencySumMs: number;
  readonly latencyMaxMs: number;
  /** Wall times; absent when there was none in the window. */
  readonly lastGoodAt?: number;
  readonly firstBadAt?: number;
  readonly lastBadAt?: number;
  /** A sentence about the last failure: `ECONNREFUSED`, `status 503`. */
  readonly lastFailure?: string;
}

/** What requests of one pool looked like to its clients, after retries. Traffic FRT is measured on this. */
export interface PoolEvidence {
  readonly kind: "pool";
  readonly pool: string;
  readonly from: number;
  readonly to: number;
  readonly succeeded: number;
  readonly failed: number;
  readonly retried: number;
  /** Pool WAL at the end of the window (design §7). */
  readonly weightedAverageLoad: number;
  readonly lastGoodAt?: number;
  readonly firstBadAt?: number;
}

/**
 * How loaded a pool is. Each gateway says so once a second, whether or not a request ends; of several gateways (a hand-over, replicas) the
 * loads add up and the endpoints are the same. Gateways before this signal say nothing, and then nothing is scaled.
 */
export interface PoolLoad {
  readonly kind: "pool-load";
  readonly pool: string;
  /** Generation of the gateway. */
  readonly gateway: number;
  readonly from: number;
  readonly to: number;
  /** Requests in flight at serving endpoints, mean over the window. */
  readonly inFlight: number;
  /** Σ wᵢLᵢ of these (design §7), mean over the window, in the unit of `capacity`. */
  readonly load: number;
  /** Requests that wait in the gateway at the end of the window. */
  readonly queued: number;
  /** Their load, mean over the window. */
  readonly backlog: number;
  /** Until they have a place, if nobody else comes. */
  readonly backlogMs: number;
  /** Requests that came in the window, refused ones included. */
  readonly arrived: number;
  /** Turned away because too many came. */
  readonly refused: number;
  /** Σ wᵢ of the serving endpoints. */
  readonly capacity: number;
  readonly serving: number;
}

/** A draining endpoint has no request in flight any more. */
export interface EndpointIdle {
  readonly kind: "endpoint-idle";
  readonly endpoint: string;
  readonly at: number;
}

/** A health probe's result. */
export interface ProbeEvidence extends Composed<"transcript"> {
  readonly kind: "probe";
  readonly service: string;
  readonly handle: string;
  readonly at: number;
  readonly isHealthy: boolean;
  /** What was sent and what came back, in one line. */
  readonly transcript: string;
  /** Another program than the instance listens on this port of it; `holder` is `python3 (pid 4711)`. */
  readonly stranger?: { readonly port: number; readonly holder: string };
}

/** One piece of evidence. */
export type Signal = RequestEvidence | PoolEvidence | PoolLoad | EndpointIdle | ProbeEvidence;
