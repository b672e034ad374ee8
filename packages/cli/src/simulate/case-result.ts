// What one simulated case showed, as plain JSON: the text, the page and `-o json` are all made of it.
import type { GroupSummary, MeasuredFlow, Spread } from "@flyball/sim";

/** One policy on one pool at one rate. */
export interface CaseResult {
  readonly policy: string;
  readonly pool: string;
  readonly replicas: number;
  readonly requestsPerSecond: number;
  /** Multiple of the trace's own rate. */
  readonly loadFactor: number;
  /** Run only to show how goodput goes with the load. */
  readonly isSweep: boolean;
  readonly requests: number;
  /** Refused, cut or failed. */
  readonly notServed: number;
  /** Of those that were served, ms. `itl` is the mean time between two tokens of a request. */
  readonly ttft: Spread;
  readonly itl: Spread;
  readonly latency: Spread;
  /** Values at `CURVE_SHARES`. */
  readonly ttftCurve: readonly number[];
  readonly itlCurve: readonly number[];
  /** Share of all requests that kept the objective; one that was not served has not. */
  readonly goodShare: number;
  /** Requests within the objective per second. */
  readonly goodput: number;
  readonly flow: MeasuredFlow;
  /** Jain's index of the clients' speeds; undefined where the trace does not tell who asks. */
  readonly fairness: number | undefined;
  readonly clients: readonly ClientResult[];
  readonly enginePreemptions: number;
  readonly cacheHit: number;
  readonly replicaHours: number;
  readonly goodPerReplicaHour: number;
}

/** What one client met. */
export interface ClientResult extends GroupSummary {
  readonly client: string;
}

/** Shares of the requests at which curves have a value. */
export const CURVE_SHARES: readonly number[] = [
  ...Array.from({ length: 100 }, (_, index) => index / 100),
  0.995,
  0.999,
  1,
];
