// The body of a worker thread: serves the snapshots that the main thread hands it on its own descriptors, and tells what it sees.
import { randomBytes } from "node:crypto";
import type { MessagePort } from "node:worker_threads";
import { systemClock, type Clock, type ListenerSnapshot, type Random } from "@flyball/core";
import { createLogger, type Logger } from "@flyball/telemetry";
import { takeEvidence } from "../evidence/endpoint-evidence.ts";
import { takePoolSums } from "../evidence/pool-evidence.ts";
import { listenOn, type HttpListener } from "../listen/http-listener.ts";
import { createGatewayMetrics } from "../metrics/gateway-metrics.ts";
import { wrapInFlightTable } from "../shared/in-flight-table.ts";
import { handleRequest } from "../stages/handle-request.ts";
import { handleUpgrade } from "../stages/handle-upgrade.ts";
import { createUndiciUpstream } from "../upstream/undici-upstream.ts";
import { compileServingState } from "./compile-serving-state.ts";
import { createPoolRegistry, type PoolRegistry } from "./pool-registry.ts";
import type { WorkerContext } from "./worker-context.ts";
import type { FromWorker, ToWorker, WorkerData } from "./worker-messages.ts";

/** How often evidence goes to the main thread while there is some. */
export const REPORT_EVERY_MS = 100;
/** How long clients with an idle connection get for a last request, which is answered with `connection: close`. */
export const IDLE_GRACE_MS = 1_000;
const DRAIN_CHECK_MS = 20;

/** What the thread's entry passes: `parentPort` and `workerData` of node:worker_threads. */
export interface GatewayWorkerOptions {
  readonly port: MessagePort;
  readonly data: WorkerData;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
}

/** Runs until the main thread has drained it. */
export function runGatewayWorker(options: GatewayWorkerOptions): void {
  const { port, data } = options;
  const context = createContext(options);
  const send = (message: FromWorker): void => port.postMessage(message);
  const registry = createPoolRegistry(context, ({ origin, connectMs }) =>
    createUndiciUpstream({
      origin,
      connectMs,
      clock: context.clock,
      onOpenConnections: (change) => context.metrics.openUpstreamConnections.add(change),
    }),
  );
  const listeners = new Map<string, HttpListener>();
  const report = (): void => sendEvidence(registry, send);
  context.clock.every(REPORT_EVERY_MS, report);

  const serve = async (message: Extract<ToWorker, { type: "serve" }>): Promise<void> => {
    const { snapshot } = message.prepared;
    try {
      context.serving = compileServingState(message.prepared, registry);
    } catch (error) {
      send({ type: "refused", version: snapshot.version, reason: String(error) });
      return;
    }
    await openListeners(message.listeners, { context, listeners, data, send });
    send({ type: "applied", version: snapshot.version, hash: snapshot.hash });
  };
  let queue = Promise.resolve();
  port.on("message", (message: ToWorker) => {
    switch (message.type) {
      case "serve":
        queue = queue.then(() => serve(message));
        return;
      case "collect":
        send({ type: "metrics", id: message.id, families: context.metrics.collect() });
        return;
      case "drain":
        drain(context, listeners, message.limitMs, () => {
          report();
          registry.close();
          send({ type: "metrics", id: 0, families: context.metrics.collect() });
          send({ type: "drained" });
        });
        return;
      default:
        message satisfies never;
    }
  });
}

function createContext({ data, ...options }: GatewayWorkerOptions): WorkerContext {
  const clock = options.clock ?? systemClock;
  const metrics = createGatewayMetrics();
  const logger =
    options.logger ?? createLogger({ clock, level: "info", write: (line) => void process.stderr.write(line) });
  return {
    clock,
    random: options.random ?? Math.random,
    logger: logger.with({ worker: data.workerIndex }),
    workerIndex: data.workerIndex,
    workerCount: data.workerCount,
    inFlight: wrapInFlightTable(data.inFlight),
    metrics,
    noPool: metrics.pool("none"),
    requestIdPrefix: `req_${randomBytes(6).toString("hex")}_`,
    startedAtSeconds: data.startedAtSeconds,
    nextRequestNumber: 0,
    serving: undefined,
    isDraining: false,
    openConnections: 0,
    upgraded: new Set(),
  };
}

interface OpenOptions {
  readonly context: WorkerContext;
  readonly listeners: Map<string, HttpListener>;
  readonly data: WorkerData;
  readonly send: (message: FromWorker) => void;
}

async function openListeners(
  wanted: readonly ListenerSnapshot[],
  { context, listeners, data, send }: OpenOptions,
): Promise<void> {
  for (const { id } of wanted) {
    const descriptor = data.descriptors[id];
    if (descriptor === undefined || listeners.has(id)) continue;
    try {
      const listener = await listenOn(descriptor, {
        onRequest: (request, response) => handleRequest(context, id, request, response),
        onUpgrade: (request, socket, head) => handleUpgrade(context, id, { request, socket, head }),
        onConnections(change) {
          context.openConnections += change;
          context.metrics.openConnections.add(change);
        },
        onMalformed: () => context.metrics.refusedConnections.add(),
      });
      listeners.set(id, listener);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      send({ type: "listen-failed", listener: id, reason });
    }
  }
}

function sendEvidence(registry: PoolRegistry, send: (message: FromWorker) => void): void {
  const endpoints = [...registry.endpoints()].filter(({ evidence }) => evidence.hasNews);
  const pools = [...registry.pools()].filter(({ sums }) => sums.hasNews);
  if (endpoints.length > 0 || pools.length > 0) {
    send({
      type: "evidence",
      endpoints: endpoints.map(({ evidence }) => takeEvidence(evidence)),
      pools: pools.filter(({ isProvider }) => !isProvider).map(({ sums }) => takePoolSums(sums)),
    });
  }
  registry.forgetGone();
}

/** Stops accepting, lets what runs end, and reports; connections without a request are closed after a grace. */
function drain(
  context: WorkerContext,
  listeners: ReadonlyMap<string, HttpListener>,
  limitMs: number,
  onDrained: () => void,
): void {
  if (context.isDraining) return;
  context.isDraining = true;
  for (const listener of listeners.values()) listener.stopAccepting();
  const startedAt = context.clock.monotonic();
  const stop = context.clock.every(DRAIN_CHECK_MS, () => {
    const elapsedMs = context.clock.monotonic() - startedAt;
    if (elapsedMs >= Math.min(IDLE_GRACE_MS, limitMs)) {
      for (const listener of listeners.values()) listener.closeIdle();
    }
    const isIdle = context.openConnections === 0;
    if (!isIdle && elapsedMs < limitMs) return;
    stop();
    for (const listener of listeners.values()) listener.closeAll();
    for (const close of context.upgraded) close();
    onDrained();
  });
}
