// Makes the parts of the main thread and ties them together. They know each other only through what stands here.
import { randomUUID } from "node:crypto";
import { LINK_PROTOCOL, type Clock, type Snapshot } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import { createIdleWatch } from "../evidence/idle-watch.ts";
import { createLoadBook } from "../evidence/load-book.ts";
import { createSignalBook } from "../evidence/signal-book.ts";
import { startControlLink, type ControlLink } from "../link/control-link.ts";
import { createMetricsCollector } from "../metrics/main-metrics.ts";
import { createExplainDesk } from "../schedule/explain-desk.ts";
import { createScheduleKeeper, type ScheduleKeeper } from "../schedule/schedule-keeper.ts";
import { createCooldownBuffer, wrapCooldownTable } from "../shared/cooldown-table.ts";
import { inFlightTableBytes, wrapInFlightTable, type InFlightTable } from "../shared/in-flight-table.ts";
import { createProbeBuffer, wrapProbeTable } from "../shared/probe-table.ts";
import { createSnapshotHolder, type SnapshotHolder } from "../snapshot/snapshot-holder.ts";
import { openSpanExporter } from "../traces/open-traces.ts";
import { startWorkerFleet, type WorkerFleet } from "../worker/worker-fleet.ts";
import type { GatewayOptions } from "./gateway-options.ts";
import type { GatewayParts } from "./gateway-parts.ts";
import { createEjector } from "./ejector.ts";
import { createLearningKeeper, type LearningKeeper } from "./learning-keeper.ts";
import { createLimitKeeper, type LimitKeeper } from "./limit-keeper.ts";
import { openAdmin, reportMissingListeners } from "./open-admin.ts";
import { receiveFromWorker } from "./receive-from-worker.ts";

/** What the parts are made of. */
export interface PartsOptions {
  readonly options: GatewayOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** A worker died and cannot be replaced. */
  readonly onExhausted: () => void;
}

/** Makes them; the workers start and the link dials. */
export function createParts(from: PartsOptions): GatewayParts {
  const { options, clock, logger } = from;
  const inFlight = wrapInFlightTable(new SharedArrayBuffer(inFlightTableBytes(options.workers)));
  const [cooldowns, probes] = [createCooldownBuffer(), createProbeBuffer()];
  const limits = createLimitKeeper({
    journalFolder: options.layout.journalFolder,
    workers: options.workers,
    clock,
    logger,
    wake: () => parts.fleet.broadcast({ type: "leased" }),
  });
  const schedule = createScheduleKeeper({
    workers: options.workers,
    workerEntry: options.workerEntry,
    clock,
    logger,
    sendUse: (message) => parts.link.send(message),
    arbiterData: () => ({
      entry: options.workerEntry.href,
      workerIndex: options.workers,
      workerCount: options.workers,
      inFlight: inFlight.buffer,
      cooldowns,
      probes,
      limits: limits.buffer,
      journalFolder: options.layout.journalFolder,
      journalWriter: "",
      descriptors: {},
      startedAtSeconds: 0,
      generation: options.generation,
      learned: undefined,
    }),
  });
  const learning = createLearningKeeper({
    folder: options.layout.journalFolder,
    workers: options.workers,
    clock,
    logger,
    send: (worker, message) => parts.fleet.send(worker, message),
    activeAt(endpoint) {
      const slot = reader.slotOf(endpoint);
      return slot ? inFlight.total(slot) : 0;
    },
    isSilent: (endpoint) => parts.ejector.reasonOf(endpoint) === "stuck",
    othersActive: (endpoint) => schedule.shares.othersActive(endpoint),
    // How many at once is left to the latencies that the workers see: a learned cap falls too far when an engine queues inside.
    onLimits: (endpoint, learned) => schedule.limits.learn(endpoint, learned),
    scrapesEngines: options.scrapesEngines ?? true,
    isQueued: (pool) => parts.loads.isQueued(pool),
    onEngine: (evidence) => void parts.link.send({ type: "signals", signals: [evidence] }),
  });
  const reader = { inFlight, schedule, slotOf: (endpoint: string) => parts.holder.slotOf(endpoint) };
  const parts: GatewayParts = {
    options,
    clock,
    logger,
    reader,
    rests: {
      cooldowns: wrapCooldownTable(cooldowns, clock.monotonic),
      probes: wrapProbeTable(probes, options.workers, clock.monotonic),
      slotOf: reader.slotOf,
      reasonOf: (endpoint) => parts.ejector.reasonOf(endpoint),
      now: clock.monotonic,
    },
    limits,
    learning,
    schedule,
    explanations: createExplainDesk({
      workers: options.workers,
      clock,
      send: (worker, message) => parts.fleet.send(worker, message),
    }),
    book: createSignalBook(),
    ejector: createEjector({
      clock,
      logger,
      workers: options.workers,
      send: (worker, message) => parts.fleet.send(worker, message),
    }),
    idle: createIdleWatch(reader),
    loads: createLoadBook(reader, options.generation),
    collector: createMetricsCollector(clock),
    traces: openSpanExporter(options.environment ?? process.env, { clock, logger }),
    admin: new Map(),
    listenFailures: new Map(),
    drained: new Set(),
    onDrained: undefined,
    isReady: false,
    fleet: createFleet(() => parts, { inFlight, limits, learning, schedule, cooldowns, probes }, from),
    holder: createHolder(() => parts, { inFlight, limits, learning, schedule, cooldowns, probes }, from),
    link: createLink(() => parts, from),
  };
  return parts;
}

/** What the main thread shares with its workers. */
interface SharedTables {
  readonly inFlight: InFlightTable;
  readonly limits: LimitKeeper;
  readonly learning: LearningKeeper;
  readonly schedule: ScheduleKeeper;
  readonly cooldowns: SharedArrayBuffer;
  readonly probes: SharedArrayBuffer;
}

function createFleet(
  parts: () => GatewayParts,
  { inFlight, limits, learning, schedule, cooldowns, probes }: SharedTables,
  { options, clock, logger, onExhausted }: PartsOptions,
): WorkerFleet {
  return startWorkerFleet({
    entry: options.workerEntry,
    workers: options.workers,
    listeners: options.listeners,
    inFlight,
    cooldowns,
    probes,
    limits,
    schedule,
    journalFolder: options.layout.journalFolder,
    startedAtSeconds: Math.floor(clock.now() / 1_000),
    generation: options.generation,
    learnedBy: (worker) => learning.learnedBy(worker),
    clock,
    logger,
    onMessage: (worker, message) => receiveFromWorker(parts(), worker, message),
    onReplaced(worker) {
      parts().collector.onWorkerEnded(worker);
      parts().loads.forgetWorker(worker);
      parts().book.forgetWorker(worker);
      parts().ejector.forgetWorker(worker);
      parts().holder.onWorkerReplaced(worker);
    },
    onExhausted,
  });
}

function createHolder(
  parts: () => GatewayParts,
  { inFlight, limits, learning, schedule }: SharedTables,
  { options, clock, logger }: PartsOptions,
): SnapshotHolder {
  return createSnapshotHolder({
    workers: options.workers,
    inFlight,
    schedule,
    compileLimits: (snapshot, secrets) => limits.compile(snapshot, secrets),
    clock,
    logger,
    readSecrets: options.readSecrets,
    send: (worker, message) => parts().fleet.send(worker, message),
    async openAdmin(snapshot) {
      await limits.ready();
      await openAdmin(parts(), snapshot);
    },
    onApplied(snapshot) {
      learning.follow(snapshot);
      parts().link.send({ type: "snapshot-applied", version: snapshot.version });
      reportMissingListeners(parts(), snapshot);
      if (parts().isReady) return;
      parts().isReady = true;
      options.onReady();
    },
    onRefused(version, reason) {
      logger.error("a snapshot was refused", { version, reason });
      parts().link.send({ type: "snapshot-refused", version, reason });
    },
  });
}

function createLink(parts: () => GatewayParts, { options, clock, logger, signal }: PartsOptions): ControlLink {
  const gatewayId = randomUUID();
  return startControlLink({
    path: options.layout.linkSocket,
    clock,
    logger,
    signal,
    hello: () => ({
      type: "hello",
      protocol: LINK_PROTOCOL,
      generation: options.generation,
      pid: process.pid,
      workers: options.workers,
      snapshotVersion: parts().holder.current?.version ?? 0,
      gatewayId,
    }),
    onSnapshot(snapshot) {
      parts().holder.offer(snapshot);
      // It may be the one that is served already, and know more of what is spent.
      const spent = (snapshot as Partial<Snapshot> | null)?.spent;
      if (Array.isArray(spent)) parts().limits.know(spent);
    },
    onShares(message) {
      parts().schedule.shareDesk.onMessage(message);
      if (message.type === "leases" && message.serving !== undefined) parts().limits.hearGateways(message.serving);
    },
    onAway: () => parts().schedule.shareDesk.onAway(),
    onConnected(gateways) {
      parts().idle.reset();
      parts().schedule.shareDesk.onWelcome(gateways);
      if (gateways === 1) parts().limits.hearGateways(1);
      for (const [listener, reason] of parts().listenFailures) {
        parts().link.send({ type: "listen-failed", listener, reason });
      }
    },
  });
}
