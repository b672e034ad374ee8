// What every stage of a worker may use: time, chance, the log, the shared counts, the state that is served. Passed along, never global.
import type { Clock, Random } from "@flyball/core";
import type { PoolGate } from "@flyball/traffic";
import type { Logger } from "@flyball/telemetry";
import type { SideThread } from "../aside/side-thread.ts";
import type { SliceQueue } from "../body/slice-queue.ts";
import type { TakeSample } from "../calls/answer-sample.ts";
import type { WorkerLearning } from "../learn/worker-learning.ts";
import type { GatewayMetrics, PoolMetrics } from "../metrics/gateway-metrics.ts";
import type { Exchange } from "../stages/exchange.ts";
import type { CooldownTable } from "../shared/cooldown-table.ts";
import type { InFlightTable } from "../shared/in-flight-table.ts";
import type { ProbeTable } from "../shared/probe-table.ts";
import type { Tracer } from "../traces/tracer.ts";
import type { WorkerSchedule } from "../schedule/worker-schedule.ts";
import type { WorkerLedger } from "./open-ledger.ts";
import type { ServingState } from "./serving-state.ts";

/** Shared by all requests of one worker. */
export interface WorkerContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly workerIndex: number;
  readonly workerCount: number;
  readonly inFlight: InFlightTable;
  readonly cooldowns: CooldownTable;
  readonly probes: ProbeTable;
  /** undefined: nothing is scheduled. */
  readonly schedule: WorkerSchedule | undefined;
  readonly metrics: GatewayMetrics;
  readonly learning: WorkerLearning;
  /** Long bodies are scanned in turns of the event loop. */
  readonly slices: SliceQueue;
  /** What reads all of a long body is done beside the worker. */
  readonly aside: SideThread;
  /** Some answers are looked at when they have ended. */
  readonly takeSample: TakeSample;
  /** Requests that reached no pool. */
  readonly noPool: PoolMetrics;
  /** Begins every request id that this worker makes. */
  readonly requestIdPrefix: string;
  /** For lists of the model API. */
  readonly startedAtSeconds: number;
  /** undefined: no traces are kept. */
  readonly tracer: Tracer | undefined;
  /** Opened with the first snapshot, which names the app. */
  ledger: WorkerLedger | undefined;
  nextRequestNumber: number;
  /** undefined until the first snapshot. */
  serving: ServingState | undefined;
  isDraining: boolean;
  /** Client connections of this worker. */
  openConnections: number;
  /** Requests between accept and their end. Bounded by the connections and their streams. */
  readonly running: Set<Exchange>;
  /** Ends each connection that switched protocols; called at the end of a drain. Bounded by the connections. */
  readonly upgraded: Set<() => void>;
  /** The gate of each pool. */
  readonly gates: Set<PoolGate>;
}
