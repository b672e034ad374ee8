// What the main thread and its workers say to each other. Everything is plain data that a structured clone carries.
import type { ListenerSnapshot } from "@flyball/core";
import type { MetricFamily } from "@flyball/telemetry";
import type { EndpointEvidence } from "../evidence/endpoint-evidence.ts";
import type { PoolQueue } from "../evidence/load-book.ts";
import type { PoolSums } from "../evidence/pool-evidence.ts";
import type { FinishedCall } from "../traces/finished-call.ts";
import type { PreparedSnapshot } from "./prepared-snapshot.ts";

/** What a worker thread is started with. */
export interface WorkerData {
  readonly workerIndex: number;
  readonly workerCount: number;
  readonly inFlight: SharedArrayBuffer;
  readonly cooldowns: SharedArrayBuffer;
  readonly probes: SharedArrayBuffer;
  readonly limits: SharedArrayBuffer;
  readonly journalFolder: string;
  /** The name of its journal. */
  readonly journalWriter: string;
  /** This worker's own descriptor of each inherited socket, by listener id. */
  readonly descriptors: Readonly<Record<string, number>>;
  readonly startedAtSeconds: number;
  readonly generation: number;
}

/** Main → worker. */
export type ToWorker =
  | {
      readonly type: "serve";
      readonly prepared: PreparedSnapshot;
      readonly listeners: readonly ListenerSnapshot[];
    }
  /** Accept nothing new, finish what runs, at most this long. */
  | { readonly type: "drain"; readonly limitMs: number }
  | { readonly type: "collect"; readonly id: number }
  /** More of some limit was leased. */
  | { readonly type: "leased" };

/** Worker → main. */
export type FromWorker =
  /** The snapshot is served on every listener that has a descriptor and could be listened on. */
  | { readonly type: "applied"; readonly hash: string; readonly version: number }
  | { readonly type: "refused"; readonly hash: string; readonly version: number; readonly reason: string }
  | { readonly type: "listen-failed"; readonly listener: string; readonly reason: string }
  /** One that failed works now. */
  | { readonly type: "listen-mended"; readonly listener: string }
  | {
      readonly type: "evidence";
      readonly endpoints: readonly EndpointEvidence[];
      readonly pools: readonly PoolSums[];
      /** Pools of this worker in front of which somebody waits; all of them. */
      readonly queues: readonly PoolQueue[];
    }
  | { readonly type: "metrics"; readonly id: number; readonly families: readonly MetricFamily[] }
  /** Calls whose spans are exported; `dropped` found no room in the worker. */
  | { readonly type: "traces"; readonly calls: readonly FinishedCall[]; readonly dropped: number }
  /** Of some limit little is leased, or calls wait for it. */
  | { readonly type: "lease-low" }
  | { readonly type: "drained" };
