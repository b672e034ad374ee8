// Puts control together from its parts: state from the store, evidence from driver, prober and link, the loop over all of it. Everything
// effectful comes in as a parameter, so the whole of it runs in tests on a fake driver and a fake clock.
import type { Clock, ManifestSource, Override, Random } from "@flyball/core";
import type { Driver } from "@flyball/drivers";
import {
  MAX_QUEUED,
  type ControlContext,
  type ControlSettings,
  type ControlState,
  type Rollout,
} from "./control-context.ts";
import { reachSockets } from "./desired/apply-revision.ts";
import { effectiveSpec } from "./desired/effective-spec.ts";
import { lastReached } from "./desired/reached-revisions.ts";
import { absorbExit } from "./detect/absorb-exits.ts";
import { createDetectors } from "./detect/detectors.ts";
import { createIncidentBook } from "./detect/incident-book.ts";
import { startLoop, type Loop } from "./loop.ts";
import { createInstanceTable } from "./observe/instance-table.ts";
import type { LedgerBook } from "./ledger/ledger-book.ts";
import type { LinkServer } from "./observe/link-server.ts";
import { restoreSlot } from "./observe/slot.ts";
import { createProber } from "./observe/prober.ts";
import { jobKey } from "./reconcile/job-key.ts";
import type { NoticeOutlet } from "./notify/notices.ts";
import { openNotices } from "./notify/open-notices.ts";
import type { GatewayHost } from "./reconcile/gateway-host.ts";
import { createHealing } from "./recover/healing.ts";
import { measureMachine } from "./resources/measure-machine.ts";
import { createRoomBook } from "./resources/room-book.ts";
import { createScaling } from "./scale/service-scaling.ts";
import { publishSnapshot, SNAPSHOT_VERSION_KEY } from "./snapshot/publish.ts";
import type { NewEvent, Store } from "./store/store.ts";
import { createUsageHistory } from "./usage/usage-history.ts";

/** Incidents that are looked through for what healing did in the last hour. */
const HEALING_INCIDENTS = 1_000;

/** The parts that control is made of. */
export interface ControlParts {
  readonly settings: ControlSettings;
  readonly store: Store;
  readonly ledger?: Pick<LedgerBook, "usage" | "spending" | "find">;
  readonly driver: Driver;
  readonly clock: Clock;
  readonly random: Random;
  readonly links: Pick<LinkServer, "publish" | "gateways" | "served">;
  readonly gatewayHost: GatewayHost;
  readonly snapshotFile: string;
  /** Absent: nobody is told of incidents. */
  readonly noticeOutlet?: NoticeOutlet;
  /** The app was not running before: nothing is started from the stored revision before the first `up` speaks. */
  readonly isFreshStart: boolean;
  readonly signal: AbortSignal;
  readonly onEvent: (event: NewEvent) => void;
  readonly onError: (error: unknown) => void;
}

/** A control that has not started. */
export interface Control {
  readonly context: ControlContext;
  /** Adopts what runs, then starts the loop. */
  start(): Promise<void>;
  /** No automatic action after this; instances go on. */
  stop(): Promise<void>;
}

/** Makes a control. */
export function createControl(parts: ControlParts): Control {
  const { store, clock } = parts;
  const state = initialState(store, parts);
  let loop: Loop | undefined;
  const prober = createProber({
    clock,
    random: parts.random,
    onEvidence: (evidence) => {
      enqueue(state.inbox.probes, evidence);
      loop?.wake();
    },
  });
  const incidents = createIncidentBook({
    store,
    clock,
    random: parts.random,
    goodWindowMs: parts.settings.goodWindowMs,
    onEvent: parts.onEvent,
  });
  const notices = openNotices({ ...parts, state, incidents });
  const context: ControlContext = {
    ...parts,
    state,
    prober,
    incidents,
    ...(notices === undefined ? {} : { notices }),
    effective: () =>
      state.isAwaitingUp || state.revision === undefined
        ? undefined
        : effectiveSpec(state.revision.spec, state.overrides, clock.now()),
    emit: parts.onEvent,
    publish: () => publishSnapshot(context, parts.snapshotFile),
    wake: () => loop?.wake(),
  };
  return {
    context,
    async start() {
      const adopted = await adopt(context);
      await measureMachine(context);
      if (state.revision !== undefined && !state.isAwaitingUp) {
        state.rollout = rolloutAtStart(context, state.revision.number, adopted);
        await reachSockets(context, state.revision.spec);
      }
      loop = startLoop(context, parts);
      loop.wake();
    },
    async stop() {
      prober.dispose();
      await loop?.stop();
      notices?.stop();
    },
  };
}

/** Adds evidence; the oldest goes when too much waits. */
export function enqueue<T>(queue: T[], entry: T): void {
  queue.push(entry);
  if (queue.length > MAX_QUEUED) queue.shift();
}

function initialState(store: Store, { clock, isFreshStart }: ControlParts): ControlState {
  const revision = store.revisions.latest();
  const source = store.meta.get("source");
  const overrides: readonly Override[] = store.overrides.list();
  return {
    revision,
    source: source === undefined ? undefined : (JSON.parse(source) as ManifestSource),
    overrides,
    keys: store.keys.list(),
    liveKeys: undefined,
    table: createInstanceTable(),
    startsUnderWay: new Set(),
    stopsUnderWay: new Set(),
    startFailures: new Map(),
    everReady: new Set(),
    bound: new Map(),
    tcpAddresses: new Map(),
    listeners: [],
    pools: new Map(),
    room: createRoomBook(),
    scaling: createScaling(),
    usage: createUsageHistory(),
    requestFailures: new Map(),
    detectors: createDetectors(),
    releases: new Map(),
    outside: new Map(),
    suspects: [],
    healing: createHealing(store.incidents.list({ limit: HEALING_INCIDENTS }), clock.now()),
    rollout: undefined,
    isAwaitingUp: isFreshStart,
    applying: Promise.resolve(),
    isStopping: false,
    snapshotVersion: Number(store.meta.get(SNAPSHOT_VERSION_KEY) ?? 0),
    snapshotHash: "",
    newestSnapshot: undefined,
    fileVersion: 0,
    diskRetryAt: 0,
    refusal: undefined,
    inbox: { drivers: [], probes: [], signals: [], refusals: [] },
    publishedStates: new Map(),
  };
}

/**
 * Takes over what runs already, after a restart of control. What was ready counts as ready until a probe says otherwise, so the gateway
 * keeps its endpoints; exits that happened in between become incidents like any other. Answers how many instances there were.
 */
async function adopt(context: ControlContext): Promise<number> {
  const { state, store, driver } = context;
  const stored = new Map(store.instances.list().map((instance) => [instance.handle, instance]));
  const observed = await driver.observe((event) => {
    enqueue(state.inbox.drivers, event);
    context.wake();
  }, context.signal);
  const handles = new Set(observed.map(({ handle }) => handle));
  for (const slot of store.slots.list())
    restoreSlot(state.table.slot(slot.service, slot.ordinal), slot, (handle) => handles.has(handle));
  for (const observation of observed) {
    const { exit: _exit, ...living } = observation;
    const { instance } = state.table.upsert({ ...living, state: "running" });
    const before = stored.get(instance.handle);
    if (before?.phase === "exited" && observation.exit !== undefined) {
      Object.assign(instance, { phase: "exited", exit: observation.exit });
      continue;
    }
    if (before !== undefined && before.phase !== "stopping") {
      instance.phase = before.phase;
      instance.wasReady = before.readyAt !== undefined;
      if (before.readyAt !== undefined) instance.readyAt = before.readyAt;
      if (before.phase === "draining") instance.drainSince = context.clock.now();
    } else if (before?.phase === "stopping") {
      instance.phase = "draining";
      instance.drainSince = 0;
    }
    if (observation.state === "exited") await absorbExit(context, instance, observation);
  }
  rememberJobs(context);
  for (const handle of stored.keys()) if (state.table.find(handle) === undefined) store.instances.remove(handle);
  return observed.length;
}

/** The output of a job that has ended, and is forgotten, can still be read. */
function rememberJobs({ state, store }: ControlContext): void {
  for (const service of Object.values(state.revision?.spec.services ?? {})) {
    if (service.kind !== "job") continue;
    const run = store.jobs.get(service.name, jobKey(service, state.revision?.number ?? 0));
    if (run?.handle !== undefined) state.table.remember({ service: service.name, ordinal: 0, handle: run.handle });
  }
}

/** A revision that was being reached when control went is still being reached; without instances the app begins anew. */
function rolloutAtStart(context: ControlContext, revision: number, adopted: number): Rollout {
  const wasReached = lastReached(context.store) === revision;
  return { revision, startedAt: context.clock.now(), state: wasReached && adopted > 0 ? "reached" : "running" };
}
