// What decides how many replicas there should be. The simulation asks it at its own period and respects the cold start of what it asks for.

/** What a scaler may know. */
export interface ScaleView {
  readonly now: number;
  /** Ready to serve. */
  readonly ready: number;
  /** Started, not ready. */
  readonly starting: number;
  /** Requests that the router holds back. */
  readonly gatewayQueued: number;
  /** Their predicted work, ms of one replica; 0 where the router predicts none. */
  readonly gatewayBacklogMs: number;
  /** Of each ready replica. */
  readonly engines: readonly {
    readonly running: number;
    readonly waiting: number;
    readonly kvShare: number;
    readonly maxConcurrency: number;
  }[];
  /** Requests that arrived since the last question. */
  readonly arrived: number;
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
