// A whole control on a fake driver, a fake clock and a store in memory, for this package's tests.
import type { AppEvent, AppSpec, Snapshot } from "@flyball/core";
import {
  createFakeDriver,
  type FakeDriver,
  type FakeDriverOptions,
  type FakeKnobsSource,
  type FakeTarget,
} from "@flyball/drivers";
import { createFakeClock, seededRandom, createTemporaryFolder, type FakeClock } from "@flyball/fakes";
import { join } from "node:path";
import { createEventHub } from "../api/stream-events.ts";
import { createControl, enqueue, type Control } from "../create-control.ts";
import { applyRevision } from "../desired/apply-revision.ts";
import type { NoticeOutlet } from "../notify/notices.ts";
import type { LinkedGateway } from "../observe/link-server.ts";
import { openSqliteStore } from "../store/sqlite-store.ts";
import type { Store } from "../store/store.ts";

/** The rig. */
export interface ControlRig {
  readonly clock: FakeClock;
  readonly driver: FakeDriver;
  readonly store: Store;
  readonly control: Control;
  readonly published: Snapshot[];
  readonly snapshotFile: string;
  readonly gateways: LinkedGateway[];
  readonly errors: unknown[];
  apply(spec: AppSpec): Promise<void>;
  /** Moves the clock; passes of the loop run on the way. */
  advance(durationMs: number): Promise<void>;
  events(): readonly AppEvent[];
  eventsNamed<N extends AppEvent["event"]>(name: N): readonly Extract<AppEvent, { event: N }>[];
  /** Running instances of a service by their ordinals. */
  running(service: string): readonly number[];
  /** Another control over the same target and store, as after a crash of control. */
  restartControl(): Promise<ControlRig>;
  dispose(): Promise<void>;
}

/** Sets it up and starts it. */
export async function createControlRig(
  options: {
    knobs?: FakeKnobsSource;
    clock?: FakeClock;
    target?: FakeTarget;
    store?: Store;
    goodWindowMs?: number;
    isFreshStart?: boolean;
    /** What the machine has; four processors and 8 GiB unless given. */
    machine?: FakeDriverOptions["machine"];
    /** How notices leave; absent: nobody is told. */
    noticeOutlet?: NoticeOutlet;
    /** The gateway's reason not to serve a snapshot; undefined: it serves it. */
    refuse?: (snapshot: Snapshot) => string | undefined;
  } = {},
): Promise<ControlRig> {
  const clock = options.clock ?? createFakeClock();
  const random = seededRandom(1);
  const store = options.store ?? openSqliteStore(":memory:");
  // Probes have jitter, so the fake clock stands at fractions of a millisecond, where no real clock ever does.
  const hub = createEventHub(store, () => Math.round(clock.now()));
  const driver = createFakeDriver({
    clock,
    random,
    ...(options.knobs === undefined ? {} : { knobs: options.knobs }),
    ...(options.machine === undefined ? {} : { machine: options.machine }),
    ...(options.target === undefined ? {} : { target: options.target }),
  });
  const folder = await createTemporaryFolder();
  const snapshotFile = join(folder.path, "snapshot.json");
  const ended = new AbortController();
  const published: Snapshot[] = [];
  const gateways: LinkedGateway[] = [];
  let served: Snapshot | undefined;
  const errors: unknown[] = [];
  // A gateway without traffic: whatever drains is idle at once.
  const reportIdle = (snapshot: Snapshot): void => {
    for (const endpoint of snapshot.pools.flatMap((pool) => pool.endpoints)) {
      if (endpoint.state !== "draining") continue;
      enqueue(control.context.state.inbox.signals, { kind: "endpoint-idle", endpoint: endpoint.id, at: clock.now() });
      control.context.wake();
    }
  };
  const control: Control = createControl({
    settings: {
      app: "app",
      clone: "clone",
      engineCommand: ["node", "engine.js"],
      target: "local",
      manifestPath: "/app/flyball.yaml",
      goodWindowMs: options.goodWindowMs ?? 10_000,
      drainLimitMs: 30_000,
      keySecret: "secret",
    },
    store,
    driver,
    clock,
    random,
    links: {
      publish(snapshot) {
        published.push(snapshot);
        const refusal = options.refuse?.(snapshot);
        if (refusal !== undefined) {
          enqueue(control.context.state.inbox.refusals, { version: snapshot.version, reason: refusal });
          control.context.wake();
          return;
        }
        served = snapshot;
        gateways.splice(0, 1, { generation: 1, pid: 1, workers: 1, snapshotVersion: snapshot.version });
        reportIdle(snapshot);
      },
      gateways: () => gateways,
      served: () => served,
    },
    gatewayHost: {
      ensure: async (wanted) => ({
        bound: new Map(
          wanted.map((wish, index) => [
            wish.id,
            { host: wish.host, port: wish.port === 0 ? 15_000 + index : wish.port },
          ]),
        ),
        statuses: [],
      }),
      giveUp: async () => undefined,
    },
    snapshotFile,
    ...(options.noticeOutlet === undefined ? {} : { noticeOutlet: options.noticeOutlet }),
    signal: ended.signal,
    isFreshStart: options.isFreshStart ?? false,
    onEvent: hub.emit,
    onError: (error) => void errors.push(error),
  });
  await control.start();
  await clock.settle();
  const stop = async (): Promise<void> => {
    ended.abort();
    await control.stop();
    await folder.dispose();
  };
  return {
    clock,
    driver,
    store,
    control,
    published,
    snapshotFile,
    gateways,
    errors,
    async apply(spec) {
      await applyRevision(control.context, { spec, author: "test", reason: "test" });
      await clock.advance(3_000);
    },
    advance: (durationMs) => clock.advance(durationMs),
    events: () => store.events.after(0, 10_000),
    eventsNamed: (name) =>
      store.events
        .after(0, 10_000)
        .filter((event): event is Extract<AppEvent, { event: typeof name }> => event.event === name),
    running: (service) =>
      driver
        .instances(service)
        .filter((instance) => instance.state === "running")
        .map((instance) => instance.ordinal)
        .toSorted((a, b) => a - b),
    async restartControl() {
      await stop();
      return createControlRig({
        clock,
        target: driver.target,
        store,
        ...(options.goodWindowMs === undefined ? {} : { goodWindowMs: options.goodWindowMs }),
        ...(options.machine === undefined ? {} : { machine: options.machine }),
        ...(options.noticeOutlet === undefined ? {} : { noticeOutlet: options.noticeOutlet }),
      });
    },
    dispose: stop,
  };
}
