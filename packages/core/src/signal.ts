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

/** Durations of a window, summed. */
export interface DurationSums {
  readonly count: number;
  readonly sumMs: number;
  readonly maxMs: number;
}

/** What was wrong with an answer that came whole and with a good status. */
export type AnswerFlaw =
  /** No content at all where some was asked for. */
  | "empty"
  /** The same piece over and over until the end. */
  | "loop"
  /** Another script than the question's, and no other language was asked for. */
  | "language"
  /** Not of the form that the call demanded (JSON, a schema, a tool's arguments). */
  | "schema";

/** Why the gateway sends nothing to an endpoint but probes. */
export type EjectReason = "refused" | "failing" | "stuck" | "slow" | "asked";

/** What the gateway saw of one endpoint since its last report. Fields that a gateway before them does not know are absent. */
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
  /** Until a new connection stood. */
  readonly connect?: DurationSums;
  /** Until the first content of a stream, or the first byte of any other answer. */
  readonly firstToken?: DurationSums;
  /** Silences between two pieces of a stream. */
  readonly gap?: DurationSums;
  /** Pieces of content and bytes that came back, of streams that still run too: what moves is alive. */
  readonly pieces?: number;
  readonly bytes?: number;
  /** Among those in flight at the end of the window: how long the oldest waits for a first byte … */
  readonly oldestWaitMs?: number;
  /** … how many wait longer than is usual for their route (a learned bound) … */
  readonly stuck?: number;
  /** … the longest silence of a stream that has begun, and how many are silent beyond their bound. */
  readonly oldestSilenceMs?: number;
  readonly stuckStreams?: number;
  /** Whole answers that were looked at, and what was wrong with them. */
  readonly judged?: number;
  readonly flaws?: Readonly<Partial<Record<AnswerFlaw, number>>>;
  /** Answers 429, and those that say that the money or the quota is spent: no failures of the endpoint. */
  readonly rateLimited?: number;
  readonly quotaSpent?: number;
  /** Answers that say that nothing comes of it until a person acts: our key is refused, the model is not there. */
  readonly unusable?: number;
  /** It is ejected at the end of the window: since when (wall time) and why. */
  readonly ejected?: { readonly since: number; readonly reason: EjectReason };
}

/**
 * Counters of a model server as the gateway read them, about once a second while something is in flight there. They tell a hung engine from a
 * busy one: health checks do not.
 */
export interface EngineEvidence {
  readonly kind: "engine";
  readonly pool: string;
  readonly endpoint: string;
  readonly at: number;
  /** Absent: they could not be read, and `failure` says why. */
  readonly counters?: EngineCounters;
  readonly failure?: string;
}

/** What one engine says of itself. */
export interface EngineCounters {
  readonly running: number;
  readonly waiting: number;
  /** Rises with every step that did something: prompt tokens read and output tokens written. Falls only when the engine began anew. */
  readonly progress: number;
  /** Share of its KV cache in use, 0 to 1. */
  readonly memoryShare?: number;
  readonly preemptions?: number;
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
  /** Σ wᵢLᵢ of these, mean over the window, in the unit of `capacity`. */
  readonly load: number;
  /** Requests that wait in the gateway at the end of the window. */
  readonly queued: number;
  /** Those that waited, mean over the window, by their predicted work: one of twice the usual work is two. */
  readonly waiting: number;
  /** Their load, mean over the window, in the unit of `capacity`. */
  readonly backlog: number;
  /** Until they have a place, if nobody else comes. */
  readonly backlogMs: number;
  /** Requests that came in the window, refused ones included. */
  readonly arrived: number;
  /** Turned away because too many came. */
  readonly refused: number;
  /** Σ wᵢ of the serving endpoints: what was learned of them, times the weights of the user. */
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
  /** Nothing came back in time, neither an answer nor a refusal. */
  readonly isSilent?: true;
  /** With silence: a signal has stopped its process, so it cannot answer. */
  readonly isStopped?: true;
  /** Another program than the instance listens on this port of it; `holder` is `python3 (pid 4711)`. */
  readonly stranger?: { readonly port: number; readonly holder: string };
}

/** One piece of evidence. */
export type Signal = RequestEvidence | EngineEvidence | PoolEvidence | PoolLoad | EndpointIdle | ProbeEvidence;
