// One endpoint as a worker lives with it. The object outlives snapshots: its breaker, connections and counts stay while the endpoint
// exists, whatever else changes around it.
import type { AttemptOutcome } from "@flyball/core";
import { createBreaker, type Breaker, type Candidate, type Cooldown, type PoolGate } from "@flyball/traffic";
import { createEndpointEvidence, type EndpointEvidence } from "../evidence/endpoint-evidence.ts";
import type { RunningList } from "../evidence/running-attempts.ts";
import type { CounterSeries } from "@flyball/telemetry";
import type { Slot } from "../shared/in-flight-table.ts";
import type { Upstream } from "../upstream/upstream.ts";

/** An endpoint with its state in this worker. */
export interface Endpoint extends Candidate {
  readonly id: string;
  /** `http://127.0.0.1:4001`. */
  readonly origin: string;
  /** What a request to it says in `host` when the client's own is not kept. */
  readonly authority: string;
  readonly slot: Slot;
  readonly upstream: Upstream;
  readonly evidence: EndpointEvidence;
  readonly attempts: Readonly<Record<AttemptOutcome, CounterSeries>>;
  /** Of its pool. */
  readonly gate: PoolGate;
  /** The user's weight; less for a while after an ejection. */
  weight: number;
  userWeight: number;
  capacity: number;
  state: "serving" | "draining";
  readonly breaker: Breaker;
  /** Attempts of this worker in flight there. */
  readonly running: RunningList;
  /** When anything came back from it last; monotonic, −Infinity for never. */
  movedAt: number;
  /** A probe that lets wait longer finds it as slow as when it was ejected for that; monotonic milliseconds. */
  slowMs: number;
  /** When the ejection that the breaker knows began (wall time), and the breaker's own time of it. */
  ejectedSince: { readonly wall: number; readonly monotonic: number } | undefined;
  /** The last report said that something is in flight there, or that it is ejected. */
  wasStanding: boolean;
  /** What this worker knows of its last rest; how long it lasts for all workers stands in the shared table. */
  cooldown: Cooldown | undefined;
  /** Over all workers; refreshed before each choice. */
  inFlight: number;
  /** Of this worker alone. */
  ownInFlight: number;
  isRemoved: boolean;
  /** Its number in the queue of its pool; −1: its pool has none, or it gets nothing new. */
  seat: number;
}

/** What is fixed for the life of an endpoint. */
export type EndpointIdentity = Pick<
  Endpoint,
  "id" | "origin" | "authority" | "slot" | "upstream" | "attempts" | "gate"
> & {
  readonly pool: string;
};

/** A new endpoint with a closed breaker. */
export function createEndpoint(identity: EndpointIdentity): Endpoint {
  const { pool, ...fixed } = identity;
  return {
    ...fixed,
    evidence: createEndpointEvidence(pool, identity.id),
    weight: 1,
    userWeight: 1,
    capacity: 1,
    state: "serving",
    breaker: createBreaker(),
    running: { oldest: undefined, youngest: undefined },
    movedAt: Number.NEGATIVE_INFINITY,
    slowMs: Number.POSITIVE_INFINITY,
    ejectedSince: undefined,
    wasStanding: false,
    cooldown: undefined,
    inFlight: 0,
    ownInFlight: 0,
    isRemoved: false,
    seat: -1,
  };
}
