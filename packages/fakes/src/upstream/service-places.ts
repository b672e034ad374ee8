// A server that works on a few requests at once and lets the others queue inside, as most do: its latency grows with the load and its
// throughput does not.

/** How much it can do. */
export interface ServiceCapacity {
  /** Requests that it works on at once. */
  readonly places: number;
  /** How long it works on each. */
  readonly serviceMs: number;
}

/** The places of one server. The queue has no bound: that is the fault. */
export interface ServicePlaces {
  /** Resolves when a place is free; rejects with the signal's reason when the client left before. */
  take(places: number, signal: AbortSignal): Promise<void>;
  /** Gives it back. */
  free(): void;
}

/** Creates them, all free. */
export function createServicePlaces(): ServicePlaces {
  const queue = new Set<() => void>();
  let taken = 0;
  return {
    take(places, signal) {
      if (taken < places) {
        taken += 1;
        return Promise.resolve();
      }
      return new Promise((resolve, reject) => {
        const onAbort = (): void => {
          queue.delete(onFree);
          reject(signal.reason as Error);
        };
        const onFree = (): void => {
          signal.removeEventListener("abort", onAbort);
          resolve();
        };
        queue.add(onFree);
        signal.addEventListener("abort", onAbort, { once: true });
      });
    },
    free() {
      for (const next of queue) {
        queue.delete(next);
        next();
        return;
      }
      taken -= 1;
    },
  };
}
