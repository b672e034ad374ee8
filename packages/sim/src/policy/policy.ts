// What a router under test is. It sees what a gateway sees: arrivals, its own dispatches, first tokens, ends, tokens delivered, and the
// engines' metrics of the moment at which it reads them. The true length of an answer reaches only oracles, which say so.
import type { Random } from "@flyball/core";
import type { PoolLoadSums } from "@flyball/traffic";
import type { SimRequest, TraceRequest } from "../trace/trace-request.ts";

/** What an operator has told the router of one replica, or what its start-up metrics say. Not how fast it is. */
export interface ReplicaFacts {
  readonly maxConcurrency: number;
  readonly maxTokensPerStep: number;
  readonly kvCapacityTokens: number;
  /** What an operator who knows the hardware would set; only baselines that are weighted by hand look at it. */
  readonly handWeight: number;
}

/** What an engine's metrics endpoint says. */
export interface EngineMetrics {
  readonly running: number;
  readonly waiting: number;
  readonly kvTokens: number;
  /** Requests pushed out since it began. */
  readonly preemptions: number;
}

/** What a policy may ask. */
export interface World {
  readonly replicas: readonly ReplicaFacts[];
  /** What the operator has said that a token may take, ms. */
  readonly tpotObjectiveMs: number;
  /** Tokens of one of the workload's prefix blocks; 0: it has none. */
  readonly blockTokens: number;
  readonly random: Random;
  /** Requests that ended before the first arrival, oldest first. */
  readonly history: readonly TraceRequest[];
  /** The engine's metrics now. A policy that models a scraper reads them in `tick` and keeps them. */
  metrics(replica: number): EngineMetrics;
  /** The replica is in the middle of a step; only a policy inside of the engines asks. */
  isStepping(replica: number): boolean;
  /** Output tokens of the request that have gone to the client. */
  delivered(request: SimRequest): number;
}

/** `replica` of a request that is refused. */
export const REFUSED = -1;

/** A request that goes out now. */
export interface Dispatch {
  readonly request: SimRequest;
  /** Or `REFUSED`. */
  readonly replica: number;
  /** For engines in priority mode, lower first. */
  readonly priority?: number;
}

/** A router. All times are milliseconds of the simulation. */
export interface Policy {
  arrive(request: SimRequest, now: number): void;
  /** The next request to send, or undefined. Asked again until undefined after everything that happens. */
  dispatch(now: number): Dispatch | undefined;
  firstToken(request: SimRequest, now: number): void;
  end(request: SimRequest, outputTokens: number, now: number): void;
  /** Its replica died. One without a first token arrives again at once; one with is over. */
  lost(request: SimRequest, hadFirstToken: boolean, now: number): void;
  /** A replica comes into service or leaves it. All that exist at the start are in service. */
  setServing(replica: number, isServing: boolean, now: number): void;
  /** Milliseconds between ticks; 0: none. */
  readonly tickMs: number;
  tick(now: number): void;
  /** Requests that it holds back. */
  readonly queued: number;
  /** The weighted load of the serving replicas and of who waits, where it reckons one; for scaling. */
  poolLoad?(now: number): PoolLoadSums;
}

/** Tells the true number of output tokens of a request by its id. */
export type Truth = (id: number) => number;

/** How a policy is made for each run. */
export interface PolicySpec {
  readonly name: string;
  /** "shipped": as a product does it. "held": its rule on our late-binding queue. */
  readonly form: "shipped" | "held" | "ours" | "oracle";
  /** It is about who goes next, not about where to. */
  readonly isOrder?: boolean;
  /** Engines run in priority mode. */
  readonly usesEnginePriority?: boolean;
  /** It stands for what engines do inside: the way to the engine lies before its queue, and a step takes who was chosen just before it. */
  readonly isInEngines?: boolean;
  /** Only a spec of form "oracle" may use `truth`, and one that stands in for a reader of texts, as far as such readers are right. */
  create(world: World, truth: Truth): Policy;
}
