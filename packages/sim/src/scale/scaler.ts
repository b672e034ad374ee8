// What decides how many replicas there should be. The simulation asks it at its own period and respects the cold start of what it asks for.

import type { PoolLoadSums } from "@flyball/traffic";

/** What a scaler may know. */
export interface ScaleView {
  readonly now: number;
  /** Ready to serve. */
  readonly ready: number;
  /** Started, not ready. */
  readonly starting: number;
  /** The load as the router reckons it, which is how the gateway does; of requests alone where it reckons none. */
  readonly load: PoolLoadSums;
  /** The same of requests against what the engines' limits allow: all that a concurrency metric sees. */
  readonly requestLoad: PoolLoadSums;
  /** Requests that arrived since the last question. */
  readonly arrived: number;
  readonly coldStartMs: number;
}

/** One rule of scaling. */
export interface Scaler {
  readonly periodMs: number;
  /** Replicas wanted, before the bounds. */
  desired(view: ScaleView): number;
}

/** Bounds of scaling. */
export interface ScalePlan {
  readonly scaler: Scaler;
  readonly min: number;
  readonly max: number;
  readonly initial: number;
  /** From the decision to ready. */
  readonly coldStartMs: number;
}
