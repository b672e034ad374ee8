// A report of the gateway for tests: what is written, and nothing else happened.
import type { RequestEvidence } from "@flyball/core";

/** A report about an endpoint (`pool/ordinal`) over the 200 ms before `to`. */
export function reportOf(endpoint: string, to: number, rest: Partial<RequestEvidence> = {}): RequestEvidence {
  const pool = endpoint.split("/")[0] ?? endpoint;
  const sums = { latencySumMs: 0, latencyMaxMs: 0 };
  return { kind: "requests", pool, endpoint, from: to - 200, to, outcomes: {}, inFlight: 0, ...sums, ...rest };
}
