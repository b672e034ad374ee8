// What decides how many replicas there should be. The simulation asks it at its own period and respects the cold start of what it asks for.

/** What a scaler may know. Loads are in full replicas: 2.5 is what two and a half can bear. */
export interface ScaleView {
  readonly now: number;
  /** Ready to serve. */
  readonly ready: number;
  /** Started, not ready. */
  readonly starting: number;
  /** Weighted load of what is in flight, as the router reckons it; of requests alone where it reckons none. */
  readonly load: number;
  /** The same of what it holds back. */
  readonly backlog: number;
  /** Requests in flight and held back, in parts of what the engines' limits allow: all that a concurrency metric sees. */
  readonly requestLoad: number;
  readonly requestBacklog: number;
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
