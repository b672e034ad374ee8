// What a scaler sees of a pool, about once a second. Every number is a sum over the pool, so that pools of unlike endpoints and several
// gateways add up, and no scaler needs to know what an endpoint is.

/** One look at a pool. Loads are in the unit of `capacity`, whichever that is: no decision depends on it. */
export interface PoolSample {
  /** Milliseconds. */
  readonly at: number;
  /** Σ wᵢLᵢ of what is in flight, mean since the sample before (design §7). */
  readonly load: number;
  /** The same of what waits in the gateway. */
  readonly backlog: number;
  /** Requests in flight and waiting, means since the sample before; of those who wait one of twice the usual work is two. */
  readonly requests: number;
  /** Requests that came since the sample before, those that were turned away too. */
  readonly arrived: number;
  /** Of these the ones that were turned away because too many came. */
  readonly refused: number;
  /** Σ wᵢ of the endpoints that serve. */
  readonly capacity: number;
  /** Endpoints that serve. */
  readonly serving: number;
}

/** What is true of the replicas when a scaler decides. */
export interface ReplicaFacts {
  /** Milliseconds, on the clock of the samples. */
  readonly now: number;
  /** As many are wanted now, those included that are still starting. */
  readonly current: number;
  /** From the start of an instance until it serves. */
  readonly coldStartMs: number;
  /** So many more have room on the machine. */
  readonly room: number;
  /** false: instances are being replaced, or automatic actions are held; nothing is taken away now. */
  readonly mayShrink: boolean;
}

/** Bounds on what a scaler may want. */
export interface ReplicaBounds {
  readonly min: number;
  readonly max: number;
}
