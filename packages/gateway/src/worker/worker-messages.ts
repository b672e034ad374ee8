// What the main thread and its workers say to each other. Everything is plain data that a structured clone carries.
import type { MessagePort } from "node:worker_threads";
import type { ListenerSnapshot } from "@flyball/core";
import type { MetricFamily } from "@flyball/telemetry";
import type { ModelReport } from "@flyball/traffic";
import type { ReportedEvidence } from "../evidence/endpoint-evidence.ts";
import type { PoolQueue } from "../evidence/load-book.ts";
import type { PoolSums } from "../evidence/pool-evidence.ts";
import type { LearnedWait } from "../evidence/usual-waits.ts";
import type { TimingSamples } from "../learn/endpoint-sample.ts";
import type { SavedLearning } from "../learn/worker-learning.ts";
import type { ScheduleBuffers } from "../schedule/schedule-memory.ts";
import type { FinishedCall } from "../traces/finished-call.ts";
import type { PreparedSnapshot } from "./prepared-snapshot.ts";

/** What a worker thread is started with. */
export interface WorkerData {
  /** What the thread is; a worker unless it is said. */
  readonly role?: "arbiter" | "aside";
  /** Address of the file that it was started from: threads beside it are started from there too. */
  readonly entry: string;
  readonly workerIndex: number;
  readonly workerCount: number;
  readonly inFlight: SharedArrayBuffer;
  readonly cooldowns: SharedArrayBuffer;
  readonly probes: SharedArrayBuffer;
  readonly limits: SharedArrayBuffer;
  readonly schedule: ScheduleBuffers;
  /** One in its place has died: what that held may not be given back yet. */
  readonly isReplacement?: boolean;
  readonly journalFolder: string;
  /** The name of its journal. */
  readonly journalWriter: string;
  /** This worker's own descriptor of each inherited socket, by listener id. */
  readonly descriptors: Readonly<Record<string, number>>;
  readonly startedAtSeconds: number;
  readonly generation: number;
  /** What a worker in its place has learned before it. */
  readonly learned: SavedLearning | undefined;
}

/** How long answers of one pool usually let wait, by kind of request. */
export interface LearnedPool {
  readonly pool: string;
  readonly learned: readonly LearnedWait[];
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
  /** Say what was learned: to be kept, or to be shown. */
  | { readonly type: "save-learned" }
  | { readonly type: "report-learned"; readonly id: number }
  /** More of some limit was leased. */
  | { readonly type: "leased" }
  /** An endpoint is silent or slow, as the evidence of all workers shows; a probe that waits longer than `slowMs` finds it slow again. */
  | { readonly type: "eject"; readonly endpoint: string; readonly cause: "stuck" | "slow"; readonly slowMs?: number }
  /** Some endpoint lets wait and says nothing, and another of its pool answers: the next request is to find out. */
  | { readonly type: "suspect"; readonly endpoint: string }
  /** What another worker has learned of how long answers let wait. */
  | { readonly type: "usual"; readonly pools: readonly LearnedPool[] }
  /** The line to a new arbiter. */
  | { readonly type: "arbiter"; readonly port: MessagePort }
  /** Say why a request stands where it stands. */
  | { readonly type: "explain"; readonly id: number; readonly requestId: string };

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
      readonly endpoints: readonly ReportedEvidence[];
      readonly pools: readonly PoolSums[];
      /** Pools of this worker in front of which somebody waits; all of them. */
      readonly queues: readonly PoolQueue[];
    }
  /** What it has learned of how long answers let wait. */
  | { readonly type: "usual"; readonly pools: readonly LearnedPool[] }
  /** It found an endpoint to be silent; the other workers are to know. */
  | { readonly type: "ejected"; readonly endpoint: string; readonly cause: "stuck" }
  | { readonly type: "metrics"; readonly id: number; readonly families: readonly MetricFamily[] }
  /** Calls whose spans are exported; `dropped` found no room in the worker. */
  | { readonly type: "traces"; readonly calls: readonly FinishedCall[]; readonly dropped: number }
  /** How fast endpoints were. */
  | { readonly type: "timings"; readonly samples: TimingSamples }
  | { readonly type: "learned"; readonly learned: SavedLearning }
  | { readonly type: "learned-report"; readonly id: number; readonly models: readonly ModelReport[] }
  /** undefined: this worker does not know the request. */
  | { readonly type: "explained"; readonly id: number; readonly explanation: unknown }
  /** Of some limit little is leased, or calls wait for it. */
  | { readonly type: "lease-low" }
  | { readonly type: "drained" };
