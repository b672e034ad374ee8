// One pool as a worker lives with it: the endpoints of the newest snapshot, its retry budget, its waiting requests, its counts.
import type { RetriesSpec, TimeoutsSpec } from "@flyball/core";
import type { PoolGate, RetryBudget } from "@flyball/traffic";
import type { PoolSums } from "../evidence/pool-evidence.ts";
import type { UsualWaitsBook } from "../evidence/usual-waits.ts";
import type { PoolQueue } from "../schedule/pool-queue.ts";
import type { PoolMetrics } from "../metrics/gateway-metrics.ts";
import type { Endpoint } from "./endpoint.ts";
import type { WaitingRoom } from "./waiting-room.ts";

/** A pool with its state in this worker. */
export interface Pool {
  /** The service's name, or `provider:<backend id>`. */
  readonly id: string;
  readonly isProvider: boolean;
  /** All, draining ones included. */
  endpoints: readonly Endpoint[];
  /** Those that get new requests. */
  serving: readonly Endpoint[];
  /** How long a request may wait for a place; undefined: as long as everywhere. */
  maxWaitMs: number | undefined;
  timeouts: TimeoutsSpec;
  retries: RetriesSpec;
  /** Ids of pools that a request at it may call in turn. */
  leadsTo: readonly string[];
  readonly budget: RetryBudget;
  readonly gate: PoolGate;
  readonly waitingRoom: WaitingRoom;
  /** Of a scheduled pool: who comes is ordered over all workers, and nobody waits in the room. */
  queue: PoolQueue | undefined;
  readonly metrics: PoolMetrics;
  readonly sums: PoolSums;
  /** How long its answers usually let wait. */
  readonly usual: UsualWaitsBook;
}
