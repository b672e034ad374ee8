// The gateway's main thread: puts its parts together. Workers serve; here snapshots come in, evidence goes out, admin pages are
// answered and the end is arranged.
import { readFile } from "node:fs/promises";
import { LINK_PROTOCOL, systemClock, type Clock } from "@flyball/core";
import { createLogger, type Logger } from "@flyball/telemetry";
import { createIdleWatch } from "./evidence/idle-watch.ts";
import { createSignalBook } from "./evidence/signal-book.ts";
import { startControlLink, type ControlLink } from "./link/control-link.ts";
import type { GatewayOptions } from "./main/gateway-options.ts";
import type { GatewayParts } from "./main/gateway-parts.ts";
import { openAdmin, reportMissingListeners } from "./main/open-admin.ts";
import { receiveFromWorker } from "./main/receive-from-worker.ts";
import { sendEvidence, sendIdle } from "./main/send-signals.ts";
import { createMetricsCollector } from "./metrics/main-metrics.ts";
import { inFlightTableBytes, wrapInFlightTable, type InFlightTable } from "./shared/in-flight-table.ts";
import { createSnapshotHolder, type SnapshotHolder } from "./snapshot/snapshot-holder.ts";
import { startWorkerFleet, type WorkerFleet } from "./worker/worker-fleet.ts";

/** How often evidence goes to control while there is some. */
export const SIGNALS_EVERY_MS = 200;
const IDLE_CHECK_MS = 50;
const DEFAULT_DRAIN_LIMIT_MS = 30_000;
/** Longest end after the keeper is gone; the whole process is to be gone in five seconds. */
const ORPHAN_DRAIN_MS = 3_000;
/** A worker that does not answer a drain is given up this long after its limit. */
const DRAIN_SLACK_MS = 1_000;

/** A running gateway. */
export interface Gateway {
  /** Version of the snapshot that every worker serves; 0 before the first. */
  readonly snapshotVersion: number;
  /** Stops accepting (the keeper keeps the sockets), finishes what runs, ends. Idempotent. */
  drain(): Promise<void>;
  /** Ends at once. Idempotent. */
  stop(): Promise<void>;
  /** Resolves when the gateway has ended: `failed` when a worker died that could not be replaced (exit code 1), else `stopped`. */
  readonly ended: Promise<"stopped" | "failed">;
}

/** Starts a gateway; resolves when its workers run and the last snapshot, if there is one, has been offered to them. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? createStderrLogger(clock);
  const stopping = new AbortController();
  const ended = Promise.withResolvers<"stopped" | "failed">();
  const end = async (how: "stopped" | "failed"): Promise<void> => {
    sendEvidence(parts);
    stopping.abort();
    for (const server of parts.admin.values()) {
      server.close();
      server.closeAllConnections();
    }
    await parts.fleet.stop();
    ended.resolve(how);
  };
  const parts = createParts({ options, clock, logger, signal: stopping.signal, end });
  stopping.signal.addEventListener(
    "abort",
    clock.every(SIGNALS_EVERY_MS, () => sendEvidence(parts)),
  );
  stopping.signal.addEventListener(
    "abort",
    clock.every(IDLE_CHECK_MS, () => sendIdle(parts)),
  );
  let draining: Promise<void> | undefined;
  const drain = (limitMs: number): Promise<void> => {
    draining ??= drainWorkers(parts, limitMs).then(() => end("stopped"));
    return draining;
  };
  options.signal?.addEventListener("abort", () => void drain(ORPHAN_DRAIN_MS), { once: true });
  await offerStoredSnapshot(parts);
  return {
    get snapshotVersion() {
      return parts.holder.current?.version ?? 0;
    },
    drain: () => drain(options.drainLimitMs ?? DEFAULT_DRAIN_LIMIT_MS),
    stop: () => end("stopped"),
    ended: ended.promise,
  };
}

interface PartsOptions {
  readonly options: GatewayOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly end: (how: "stopped" | "failed") => Promise<void>;
}

function createParts(from: PartsOptions): GatewayParts {
  const { options, clock, logger, end } = from;
  const inFlight = wrapInFlightTable(new SharedArrayBuffer(inFlightTableBytes(options.workers)));
  const reader = { inFlight, slotOf: (endpoint: string) => parts.holder.slotOf(endpoint) };
  const parts: GatewayParts = {
    options,
    clock,
    logger,
    reader,
    book: createSignalBook(),
    idle: createIdleWatch(reader),
    collector: createMetricsCollector(clock),
    admin: new Map(),
    listenFailures: new Map(),
    drained: new Set(),
    onDrained: undefined,
    isReady: false,
    fleet: createFleet(
      () => parts,
      inFlight,
      from,
      () => void end("failed"),
    ),
    holder: createHolder(() => parts, inFlight, from),
    link: createLink(() => parts, from),
  };
  return parts;
}

function createFleet(
  parts: () => GatewayParts,
  inFlight: InFlightTable,
  { options, clock, logger }: PartsOptions,
  onExhausted: () => void,
): WorkerFleet {
  return startWorkerFleet({
    entry: options.workerEntry,
    workers: options.workers,
    listeners: options.listeners,
    inFlight,
    startedAtSeconds: Math.floor(clock.now() / 1_000),
    generation: options.generation,
    logger,
    onMessage: (worker, message) => receiveFromWorker(parts(), worker, message),
    onReplaced(worker) {
      parts().collector.onWorkerEnded(worker);
      parts().holder.onWorkerReplaced(worker);
    },
    onExhausted,
  });
}

function createHolder(
  parts: () => GatewayParts,
  inFlight: InFlightTable,
  { options, clock, logger }: PartsOptions,
): SnapshotHolder {
  return createSnapshotHolder({
    workers: options.workers,
    inFlight,
    clock,
    logger,
    readSecrets: options.readSecrets,
    send: (worker, message) => parts().fleet.send(worker, message),
    openAdmin: (snapshot) => openAdmin(parts(), snapshot),
    onApplied(snapshot) {
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
    }),
    onSnapshot: (snapshot) => parts().holder.offer(snapshot),
    onConnected() {
      parts().idle.reset();
      for (const [listener, reason] of parts().listenFailures) {
        parts().link.send({ type: "listen-failed", listener, reason });
      }
    },
  });
}

async function offerStoredSnapshot(parts: GatewayParts): Promise<void> {
  const path = parts.options.layout.snapshotFile;
  try {
    parts.holder.offer(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (!isAbsent) parts.logger.warn("the stored snapshot cannot be read", { path, error });
  }
}

/** Asks every worker to drain and waits for all, or for a worker that hangs until its limit and a second more. */
async function drainWorkers(parts: GatewayParts, limitMs: number): Promise<void> {
  const { fleet, clock, drained } = parts;
  fleet.broadcast({ type: "drain", limitMs });
  await new Promise<void>((resolve) => {
    const cancel = clock.after(limitMs + DRAIN_SLACK_MS, resolve);
    parts.onDrained = () => {
      if (drained.size < fleet.size) return;
      cancel();
      resolve();
    };
  });
}

function createStderrLogger(clock: Clock): Logger {
  return createLogger({
    clock,
    level: "info",
    write: (line) => void process.stderr.write(line),
  });
}
