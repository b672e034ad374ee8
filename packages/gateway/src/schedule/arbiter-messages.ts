// What workers and the arbiter say to each other. Plain numbers and names, never a text of a user. Times are those of the arbiter's clock.
import type { GrantReason, ScheduledRequest, Standing } from "@flyball/traffic";
import type { MessagePort } from "node:worker_threads";
import type { Slot } from "../shared/in-flight-table.ts";
import type { PoolKnobs, TenantWeights } from "./pool-knobs.ts";

/** A pool that the arbiter orders the requests of. */
export interface ArbiterPool extends PoolKnobs {
  /** Its number among the pools, by which all messages name it. */
  readonly number: number;
  /** Slots of its endpoints that get new requests. */
  readonly slots: readonly Slot[];
}

/** A request may start: where, what was reserved for it, and why it and why there. */
export interface GrantRecord {
  readonly pool: number;
  readonly id: number;
  readonly column: number;
  readonly generation: number;
  readonly prefillTokens: number;
  readonly contextTokens: number;
  readonly remainingTokens: number;
  readonly workMs: number;
  readonly cachedTokens: number;
  readonly reason: GrantReason;
  readonly waitedMs: number;
  readonly key: number;
  readonly candidates: number;
  readonly loadAfter: number;
  /** Who waited for the pool when it was granted, itself included. */
  readonly queued: number;
}

/** Worker → arbiter. */
export type ToArbiter =
  | { readonly type: "arrive"; readonly pool: number; readonly requests: readonly ScheduledRequest[] }
  | { readonly type: "leave"; readonly pool: number; readonly id: number }
  /** One that was granted is over. */
  | { readonly type: "end"; readonly pool: number; readonly id: number; readonly outputTokens: number }
  /** Requests of a tenant that needed no queue brought this much work. */
  | {
      readonly type: "offer";
      readonly pool: number;
      readonly tenant: string;
      readonly classIndex: number;
      readonly workMs: number;
    }
  /** Something has become free somewhere. */
  | { readonly type: "look" }
  | { readonly type: "explain"; readonly pool: number; readonly id: number; readonly ask: number };

/** Arbiter → worker. */
export type FromArbiter =
  /** The row of this worker is its own: it may reserve. */
  | { readonly type: "welcome" }
  | { readonly type: "grant"; readonly grant: GrantRecord }
  /** It has to leave for one that comes first. */
  | { readonly type: "lost"; readonly pool: number; readonly id: number }
  | { readonly type: "standing"; readonly ask: number; readonly standing: Standing };

/** Main thread → arbiter. */
export type MainToArbiter =
  | { readonly type: "pools"; readonly pools: readonly ArbiterPool[]; readonly tenantWeights?: TenantWeights }
  | { readonly type: "worker"; readonly row: number; readonly port: MessagePort }
  /** A worker died: what it held and who waited for it is gone. */
  | { readonly type: "row-died"; readonly row: number };

/** Arbiter → main thread. */
export type ArbiterToMain = { readonly type: "row-cleared"; readonly row: number };
