// The latency of endpoints as a pessimist sees it (peak EWMA, Finagle and linkerd): a slow answer counts at once, a fast one only by and by,
// the more the longer ago the last one was. An endpoint that got slow is left alone soon and tried again later.

/** Latencies by endpoint. */
export interface PeakLatency {
  /** An answer, or a first token, took so long. */
  observe(endpoint: number, latencyMs: number, now: number): void;
  /** The latency to reckon with, ms; 0: nothing is known. */
  read(endpoint: number): number;
  /** The number belongs to another endpoint now. */
  forget(endpoint: number): void;
}

/** Linkerd's default. */
const DEFAULT_DECAY_MS = 10_000;

/** Latencies of a pool of so many endpoints; a latency loses 63 % of its weight in `decayMs`. */
export function createPeakLatency(endpoints: number, decayMs: number = DEFAULT_DECAY_MS): PeakLatency {
  const values = new Float64Array(endpoints);
  const times = new Float64Array(endpoints);
  return {
    observe(endpoint, latencyMs, now) {
      const value = values[endpoint] as number;
      const kept = Math.exp(Math.min(0, (times[endpoint] as number) - now) / decayMs);
      values[endpoint] = latencyMs > value ? latencyMs : value * kept + latencyMs * (1 - kept);
      times[endpoint] = now;
    },
    read: (endpoint) => values[endpoint] as number,
    forget(endpoint) {
      values[endpoint] = 0;
      times[endpoint] = 0;
    },
  };
}
