// The parts of the main thread as they know each other. Made once in `start-gateway.ts`; every function of this folder gets them.
import type { Server } from "node:http";
import type { Clock } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import type { RestReader } from "../admin/left-alone.ts";
import type { LoadReader } from "../evidence/load-part.ts";
import type { IdleWatch } from "../evidence/idle-watch.ts";
import type { LoadBook } from "../evidence/load-book.ts";
import type { SignalBook } from "../evidence/signal-book.ts";
import type { ControlLink } from "../link/control-link.ts";
import type { MetricsCollector } from "../metrics/main-metrics.ts";
import type { ExplainDesk } from "../schedule/explain-desk.ts";
import type { ScheduleKeeper } from "../schedule/schedule-keeper.ts";
import type { SnapshotHolder } from "../snapshot/snapshot-holder.ts";
import type { SpanExporter } from "../traces/span-exporter.ts";
import type { WorkerFleet } from "../worker/worker-fleet.ts";
import type { Ejector } from "./ejector.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import type { LearningKeeper } from "./learning-keeper.ts";
import type { LimitKeeper } from "./limit-keeper.ts";

/** The main thread's parts. */
export interface GatewayParts {
  readonly options: GatewayOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fleet: WorkerFleet;
  readonly holder: SnapshotHolder;
  readonly limits: LimitKeeper;
  readonly schedule: ScheduleKeeper;
  readonly explanations: ExplainDesk;
  readonly learning: LearningKeeper;
  readonly link: ControlLink;
  readonly book: SignalBook;
  readonly ejector: Ejector;
  readonly idle: IdleWatch;
  readonly loads: LoadBook;
  readonly reader: LoadReader;
  readonly rests: RestReader;
  readonly collector: MetricsCollector;
  /** undefined: no traces are kept. */
  readonly traces: SpanExporter | undefined;
  /** Open admin servers by listener id. */
  readonly admin: Map<string, Server>;
  /** Listeners that could not be listened on, with the reason; told again on every new link. */
  readonly listenFailures: Map<string, string>;
  /** Workers that have drained. */
  readonly drained: Set<number>;
  onDrained: (() => void) | undefined;
  isReady: boolean;
}
