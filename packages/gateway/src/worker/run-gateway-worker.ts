// The body of a worker thread: serves the snapshots that the main thread hands it on its own descriptors, and tells what it sees.
import type { MessagePort } from "node:worker_threads";
import type { Clock, Random } from "@flyball/core";
import type { Logger, MetricFamily } from "@flyball/telemetry";
import type { ResolveAll } from "@flyball/wire";
import { runAside } from "../aside/run-aside.ts";
import { fetchJson, type ConnectOrigin } from "../identity/fetch-json.ts";
import { createTokenDoors } from "../identity/token-doors.ts";
import { noteDelivered, noteProgress, type Booking } from "../schedule/booking.ts";
import { explainRequest } from "../schedule/explain-request.ts";
import { runArbiter } from "../schedule/run-arbiter.ts";
import { remoteLineOf } from "../schedule/worker-schedule.ts";
import { createTurnBatch } from "../stream/turn-batch.ts";
import { chooseProxy, readProxySettings } from "../upstream/choose-proxy.ts";
import { createHttp1Upstream } from "../upstream/http1-upstream.ts";
import { placeOf } from "../upstream/place.ts";
import { compileServingState } from "./compile-serving-state.ts";
import type { WorkerLearning } from "../learn/worker-learning.ts";
import {
  cacheFamilies,
  gateFamilies,
  journalFamilies,
  longCallFamilies,
  waitFamilies,
} from "../metrics/state-families.ts";
import { createWorkerContext } from "./create-worker-context.ts";
import { drainWorker } from "./drain-worker.ts";
import { openLedger } from "./open-ledger.ts";
import { createOpenListeners } from "./open-listeners.ts";
import { createReport, REPORT_EVERY_MS } from "./create-report.ts";
import { ejectByWord, hearUsual, suspectByWord } from "./eject-by-word.ts";
import { createPoolRegistry, type PoolRegistry } from "./pool-registry.ts";
import type { WorkerContext } from "./worker-context.ts";
import type { FromWorker, ToWorker, WorkerData } from "./worker-messages.ts";

const METRICS_EVERY_MS = 2_000;
/** How often the workers tell each other, and the file, how long answers usually let wait. */
const USUAL_EVERY_MS = 2_000;
const NETWORK_HINT = "where a private address is meant, write network: private at the backend";

/** What the thread's entry passes: `parentPort` and `workerData` of node:worker_threads. */
export interface GatewayWorkerOptions {
  readonly port: MessagePort;
  readonly data: WorkerData;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are read from; the process's own unless given. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** How names of providers are resolved; as the machine does unless given. */
  readonly resolveAll?: ResolveAll;
}

/** Runs until the main thread has drained it. */
export function runGatewayWorker(options: GatewayWorkerOptions): void {
  const { port, data } = options;
  if (data.role === "arbiter") {
    runArbiter(options);
    return;
  }
  if (data.role === "aside") {
    runAside(port);
    return;
  }
  const context = createWorkerContext(options);
  const send = (message: FromWorker): void => port.postMessage(message);
  const batch = createTurnBatch();
  const proxies = readProxySettings(options.environment ?? process.env);
  const registry = createPoolRegistry(context, ({ origin, connectMs, egress }) =>
    createHttp1Upstream({
      origin,
      connectMs,
      // The app's own endpoints are never reached through a proxy, wherever they are.
      proxy: egress && chooseProxy(proxies, placeOf(new URL(origin))),
      addresses: egress?.addresses,
      onRefused: (reason) => context.logger.warn("a provider was not called", { origin, reason, hint: NETWORK_HINT }),
      resolveAll: options.resolveAll,
      ca: egress?.authorities === undefined ? undefined : [egress.authorities],
      clock: context.clock,
      batch,
      onOpenConnections: (change) => context.metrics.openUpstreamConnections.add(change),
    }),
  );
  const connect: ConnectOrigin = (origin) =>
    createHttp1Upstream({
      origin,
      connectMs: 0,
      // An issuer may well stand in the operator's own network.
      addresses: "private",
      resolveAll: options.resolveAll,
      proxy: chooseProxy(proxies, placeOf(new URL(origin))),
      clock: context.clock,
      onOpenConnections: () => undefined,
    });
  const tokenDoors = createTokenDoors({
    fetchDocument: (url) => fetchJson(url, { connect, clock: context.clock }),
    clock: context.clock,
    logger: context.logger,
  });
  context.learning.watch.onProgress = (tag, deliveredTokens, isOver) => {
    if (isOver) noteDelivered(tag as Booking | undefined, deliveredTokens);
    else noteProgress(context.schedule, tag as Booking | undefined, deliveredTokens);
  };
  const listeners = createOpenListeners({ context, descriptors: data.descriptors, send });
  const report = createReport(context, registry, send);
  const sendMetrics = (id: number): void => send({ type: "metrics", id, families: collectFamilies(context, registry) });
  if (context.learning.origin === "refused") {
    context.logger.warn("what was learned of answers before is damaged or of another version; it is learned anew");
  }
  const saveLearned = createLearnedSaver(context.learning, send);
  context.clock.every(REPORT_EVERY_MS, report);
  context.clock.every(USUAL_EVERY_MS, () => sendUsual(registry, send));
  // What a worker that dies has counted is known up to its last report.
  context.clock.every(METRICS_EVERY_MS, () => sendMetrics(0));

  const serve = async (message: Extract<ToWorker, { type: "serve" }>): Promise<void> => {
    const { snapshot } = message.prepared;
    try {
      context.ledger ??= openLedger(data, snapshot.app, context, () => send({ type: "lease-low" }));
      context.serving = compileServingState(
        message.prepared,
        registry,
        { memories: context.serving?.memories ?? new Map(), workers: data.workerCount },
        tokenDoors,
      );
    } catch (error) {
      send({ type: "refused", version: snapshot.version, hash: snapshot.hash, reason: String(error) });
      return;
    }
    await listeners.open(message.listeners);
    send({ type: "applied", version: snapshot.version, hash: snapshot.hash });
  };
  let queue = Promise.resolve();
  port.on("message", (message: ToWorker) => {
    switch (message.type) {
      case "serve":
        queue = queue.then(() => serve(message));
        return;
      case "collect":
        sendMetrics(message.id);
        return;
      case "save-learned":
        saveLearned();
        return;
      case "report-learned":
        send({ type: "learned-report", id: message.id, models: context.learning.report() });
        return;
      case "arbiter":
        if (context.schedule) remoteLineOf(context.schedule)?.connect(message.port);
        return;
      case "eject":
        ejectByWord(context, registry, message);
        return;
      case "suspect":
        suspectByWord(context, registry, message);
        return;
      case "usual":
        hearUsual(registry, message);
        return;
      case "explain":
        void explainRequest(context, message.requestId).then((explanation) =>
          send({ type: "explained", id: message.id, explanation }),
        );
        return;
      case "leased":
        context.ledger?.waiters.wake();
        return;
      case "drain":
        drainWorker(context, listeners.byId, message.limitMs, () => {
          void (context.ledger?.journal.close() ?? Promise.resolve()).then(() => {
            report();
            context.learning.watch.stop();
            saveLearned();
            context.tracer?.flush();
            registry.close();
            context.aside.stop();
            sendMetrics(0);
            send({ type: "drained" });
          });
        });
        return;
      default:
        message satisfies never;
    }
  });
}

/** Sends what was learned when there is something new. */
function createLearnedSaver(learning: WorkerLearning, send: (message: FromWorker) => void): () => void {
  let saved = 0;
  return () => {
    if (learning.learned === saved) return;
    saved = learning.learned;
    send({ type: "learned", learned: learning.save() });
  };
}

function collectFamilies(
  { metrics, ledger, serving, schedule, clock, aside }: WorkerContext,
  registry: PoolRegistry,
): MetricFamily[] {
  return [
    ...metrics.collect(),
    ...journalFamilies(ledger?.journal.stats),
    ...cacheFamilies(serving?.memories),
    ...gateFamilies(registry.pools()),
    ...waitFamilies(registry.pools(), clock.monotonic()),
    ...longCallFamilies(aside.pending),
    ...(schedule?.metrics.collect(schedule.queues.values()) ?? []),
  ];
}

function sendUsual(registry: PoolRegistry, send: (message: FromWorker) => void): void {
  const pools = [...registry.pools()].flatMap(({ id, usual }) => {
    const learned = usual.learned();
    return learned.length === 0 ? [] : [{ pool: id, learned }];
  });
  if (pools.length > 0) send({ type: "usual", pools });
}
