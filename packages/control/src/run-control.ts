// Control as a process: opens the store, takes up the keeper, serves the API on the inherited socket, runs the loop, and stops the app in
// order when it is asked to. The process entry in the cli package only hands in what a process has: arguments, environment, signals.
import { FlyballError, type Clock, type ComposedText, type StateLayout } from "@flyball/core";
import { createProcessDriver, readMachine } from "@flyball/drivers";
import { replaceFileSync, sweepTaggedProcesses, type KeeperClient } from "@flyball/wire";
import { existsSync, readFileSync } from "node:fs";
import { createApiServer } from "./api/server.ts";
import { createEventHub } from "./api/stream-events.ts";
import { createControl, enqueue, type Control } from "./create-control.ts";
import { applyRevision, moveListener } from "./desired/apply-revision.ts";
import { instanceEnvironment } from "./desired/instance-environment.ts";
import { appTimeZone } from "./ledger/app-time-zone.ts";
import type { LedgerBook } from "./ledger/ledger-book.ts";
import { openSqliteLedger } from "./ledger/sqlite-ledger.ts";
import { startLedgerImport } from "./observe/ledger-import.ts";
import { createLinkServer, type LinkEvents } from "./observe/link-server.ts";
import { createManifestWatch } from "./observe/manifest-watch.ts";
import { startResourceMeter } from "./observe/resource-meter.ts";
import { isAlive } from "./observe/instance.ts";
import { createGatewayHost } from "./reconcile/gateway-host.ts";
import { openGatewayShares } from "./share/open-gateway-shares.ts";
import { knownSpending } from "./snapshot/known-spending.ts";
import { readStoredSnapshot } from "./snapshot/publish.ts";
import { openSqliteStore } from "./store/sqlite-store.ts";
import { composeText, textFields, verbatim } from "./texts/compose-text.ts";
import type { EventHub } from "./api/stream-events.ts";
import type { NoticeOutlet } from "./notify/notices.ts";

/** What the process entry hands in. */
export interface RunControlOptions {
  readonly layout: StateLayout;
  readonly app: string;
  readonly clone: string;
  /** A connected client with role `control`; when it closes, control ends the instances and itself. */
  readonly keeper: KeeperClient;
  readonly generation: number;
  /** The inherited socket of the API. */
  readonly listener: { readonly host: string; readonly port: number; readonly fd: number };
  /** Program and first arguments of the processes that control has started. */
  readonly entryPoints: { readonly gateway: readonly string[]; readonly engine: readonly string[] };
  readonly manifestPath: string;
  readonly workingDirectory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Window that recovery must hold; unless set FLYBALL_GOOD_WINDOW_MS of the environment, else 10,000. */
  readonly goodWindowMs?: number;
  readonly drainLimitMs?: number;
  /** The texts of control in Chinese, for notices in that language. */
  readonly sayInChinese?: NoticeOutlet["sayInChinese"];
  readonly log: (message: string, details?: unknown) => void;
  /** Aborts on SIGTERM: the app is stopped in order. */
  readonly signal: AbortSignal;
}

const KEY_SECRET = "@keys";
const DOWN_LIMIT_MS = 60_000;
/** The store's key of the keeper's life in which the app was told to end: a control that is killed on the way goes on with it. */
const STOPPING_KEY = "stopping";

/** Runs until the app was stopped or the keeper is gone. */
export async function runControl(options: RunControlOptions): Promise<void> {
  const { layout, keeper, clock } = options;
  const ended = new AbortController();
  const store = openSqliteStore(layout.store);
  let control: Control | undefined;
  const ledger = openSqliteLedger(layout.store, () =>
    appTimeZone(control?.context.state.revision ?? store.revisions.latest()),
  );
  const hub = createEventHub(store, () => clock.now());
  const onError = (error: unknown): void => options.log("a step failed", error instanceof Error ? error.stack : error);
  const gatewayGone = { isConnected: false };
  const linkEvents: LinkEvents = {
    onSignals: (signals) => {
      for (const signal of signals) if (control !== undefined) enqueue(control.context.state.inbox.signals, signal);
      control?.context.wake();
    },
    onChange: () => {
      reportGateway(hub, gatewayGone, links.gateways().length > 0);
      control?.context.wake();
    },
    onRefused: (version, reason) => {
      options.log(`the gateway refused snapshot ${version}: ${reason}`);
      if (control !== undefined) enqueue(control.context.state.inbox.refusals, { version, reason });
      control?.context.wake();
    },
    onListenFailed: (listener, reason) => {
      options.log(`the gateway cannot listen on ${listener}: ${reason}`);
      if (control !== undefined) void moveListener(control.context, listener).catch(onError);
    },
    spending: () => knownSpending({ ledger, clock }),
  };
  const links = await createLinkServer(layout.linkSocket, {
    events: linkEvents,
    shares: openGatewayShares(store.meta, clock),
    stored: readStoredSnapshot(layout.snapshotFile),
  });
  const stopImport = startLedgerImport({ folder: layout.journalFolder, ledger, clock, onError });
  control = await assemble(options, { store, ledger, hub, links, signal: ended.signal, onError });
  const { context } = control;
  const watch = createManifestWatch({
    environment: options.environment,
    onChange: (request) =>
      void applyRevision(context, request).then(
        () => context.state.source && watch.follow(context.state.source),
        onError,
      ),
    onProblems: (problems) => hub.emit({ event: "manifest-refused", problems }),
  });
  const down = createDown({ control, options, hub, links, ended, watch });
  const server = createApiServer(context, {
    token: readFileSync(layout.tokenFile, "utf8").trim(),
    hub,
    onDown: (reason) => void down(verbatim(reason)),
    onError,
  });
  server.on("request", () => !context.state.isStopping && context.state.source && watch.follow(context.state.source));
  server.listen({ fd: options.listener.fd });
  tellAddress(options);
  await control.start();
  startResourceMeter(context);
  if (context.state.source !== undefined) watch.follow(context.state.source);
  if (store.meta.get(STOPPING_KEY) === lifeOf(keeper)) void down(composeText("stop.goes-on"));
  await keeper.call("ready", { name: "control", generation: options.generation });
  await untilEnded({ options, ended, down, control });
  watch.close();
  server.closeAllConnections();
  server.close();
  await links.close();
  await stopImport();
  ledger.close();
  store.close();
}

/** A control that the keeper starts again has the address of the one before it: a full disk does not keep it from serving. */
function tellAddress({ layout, listener, log }: RunControlOptions): void {
  const url = `http://${listener.host}:${listener.port}`;
  try {
    replaceFileSync(layout.controlFile, JSON.stringify({ url, pid: process.pid }));
  } catch (error) {
    if (!existsSync(layout.controlFile) || !readFileSync(layout.controlFile, "utf8").includes(`"${url}"`)) throw error;
    log("the address of control stands there from before", error instanceof Error ? error.message : error);
  }
}

async function assemble(
  options: RunControlOptions,
  parts: {
    readonly store: ReturnType<typeof openSqliteStore>;
    readonly ledger: LedgerBook;
    readonly hub: EventHub;
    readonly links: Awaited<ReturnType<typeof createLinkServer>>;
    readonly signal: AbortSignal;
    readonly onError: (error: unknown) => void;
  },
): Promise<Control> {
  const { layout, app, clone, keeper, clock } = options;
  const { values } = await keeper.call("secrets-get", { names: [KEY_SECRET] });
  const keySecret = values[KEY_SECRET];
  if (keySecret === undefined) throw new FlyballError("FB_KEEPER_UNKNOWN", { what: "secret", name: KEY_SECRET });
  const environment = definedOnly(options.environment);
  return createControl({
    settings: {
      app,
      clone,
      target: "local",
      manifestPath: options.manifestPath,
      engineCommand: options.entryPoints.engine,
      goodWindowMs: options.goodWindowMs ?? (Number(environment["FLYBALL_GOOD_WINDOW_MS"]) || 10_000),
      drainLimitMs: options.drainLimitMs ?? 30_000,
      keySecret,
    },
    driver: createProcessDriver({
      keeper,
      layout,
      app,
      clone,
      baseEnvironment: instanceEnvironment(environment),
      machine: await readMachine({ environment }),
      clock,
      random: Math.random,
    }),
    random: Math.random,
    clock,
    gatewayHost: createGatewayHost({
      keeper,
      store: parts.store,
      tag: `${app}.${clone}`,
      argv: options.entryPoints.gateway,
      workingDirectory: options.workingDirectory,
      environment,
    }),
    noticeOutlet: {
      environment,
      readSecrets: async (names) => (await keeper.call("secrets-get", { names })).values,
      ...(options.sayInChinese === undefined ? {} : { sayInChinese: options.sayInChinese }),
    },
    snapshotFile: layout.snapshotFile,
    isFreshStart: options.generation <= 1,
    onEvent: parts.hub.emit,
    ...parts,
  });
}

function reportGateway(hub: EventHub, before: { isConnected: boolean }, isConnected: boolean): void {
  if (before.isConnected === isConnected) return;
  before.isConnected = isConnected;
  hub.emit({ event: "gateway-state", state: isConnected ? "connected" : "lost" });
}

function lifeOf({ keeper }: KeeperClient): string {
  return `${keeper.startedAt}/${keeper.pid}`;
}

type Down = (reason: ComposedText) => Promise<void>;

/** Stops everything in reverse order, then has the keeper end the rest. Only once. */
function createDown(parts: {
  readonly control: Control;
  readonly options: RunControlOptions;
  readonly hub: EventHub;
  readonly links: { close(): Promise<void> };
  readonly ended: AbortController;
  readonly watch: { close(): void };
}): Down {
  let underWay: Promise<void> | undefined;
  const run = async (reason: ComposedText): Promise<void> => {
    const { control, options, hub } = parts;
    const { state, clock } = control.context;
    parts.watch.close();
    hub.emit({ event: "app-stopping", ...textFields({ reason }) });
    state.isStopping = true;
    control.context.store.meta.put(STOPPING_KEY, lifeOf(options.keeper));
    control.context.wake();
    const deadline = clock.monotonic() + DOWN_LIMIT_MS;
    while (clock.monotonic() < deadline && state.table.all().some(isAlive)) {
      await new Promise<void>((resolve) => void clock.after(25, resolve));
      control.context.wake();
    }
    await control.stop();
    // The keeper ends this process before it answers: waiting for the answer would be waiting for one's own end.
    const asked = options.keeper.call("shutdown", { graceMs: 2_000 }).catch(() => undefined);
    await Promise.race([asked, new Promise<void>((resolve) => void clock.after(300, resolve))]);
    parts.ended.abort();
  };
  return (reason) => (underWay ??= run(reason));
}

/** Waits for the end: asked to stop, or the keeper gone (then the instances are ended by their tag and control leaves within 5 s). */
async function untilEnded(parts: {
  readonly options: RunControlOptions;
  readonly ended: AbortController;
  readonly down: Down;
  readonly control: Control;
}): Promise<void> {
  const { options, ended, down } = parts;
  await new Promise<void>((resolve) => {
    let isOrphaned = false;
    ended.signal.addEventListener("abort", () => (isOrphaned ? undefined : resolve()), { once: true });
    options.signal.addEventListener("abort", () => void down(composeText("stop.asked")).then(resolve), { once: true });
    options.keeper.onClose(() => {
      isOrphaned = true;
      void endOrphans(options).finally(resolve);
      ended.abort();
    });
  });
  await parts.control.stop();
}

/** The keeper died: nobody holds pipes and exit statuses any more, so the instances are ended by their tag; the next `up` begins anew. */
async function endOrphans(options: RunControlOptions): Promise<void> {
  options.log("the keeper is gone; the instances are ended");
  await sweepTaggedProcesses({ tag: `${options.app}.${options.clone}/` });
}

function definedOnly(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
