import { stateLayout, type StartContext, type Workload } from "@flyball/core";
import {
  createFakeClock,
  createTemporaryFolder,
  seededRandom,
  type FakeClock,
  type TemporaryFolder,
} from "@flyball/fakes";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createProcessDriver, type ProcessDriver } from "./process-driver.ts";
import { createScriptedKeeper, type ScriptedKeeper } from "./testdata/scripted-keeper.ts";

const CONTEXT: StartContext = { revision: 1, serviceAddresses: {}, environment: {} };
const OPTIONS = { graceMs: 10_000, stopSignal: "SIGTERM" };
const signal = new AbortController().signal;
let folder: TemporaryFolder;
let keeper: ScriptedKeeper;
let clock: FakeClock;
let driver: ProcessDriver;

beforeEach(async () => {
  folder = await createTemporaryFolder();
  keeper = createScriptedKeeper("qa", "c");
  clock = createFakeClock();
  const layout = stateLayout(folder.path, "qa", "c");
  driver = createProcessDriver({
    keeper,
    layout,
    app: "qa",
    clone: "c",
    baseEnvironment: {},
    clock,
    random: seededRandom(1),
    procRoot: "/none",
  });
});

afterEach(() => folder.dispose());

const PROGRAM: Workload = {
  app: "qa",
  clone: "c",
  service: "api",
  kind: "service",
  specHash: "h",
  command: ["program"],
  workingDirectory: "/",
  environment: {},
  ports: [],
  volumes: [],
  configs: [],
  secrets: [],
  resources: { limits: {}, reservations: {} },
  stopSignal: "SIGTERM",
  stopGraceMs: 10_000,
  labels: {},
};

async function startOne(): Promise<string> {
  const [instance] = await driver.apply({ workload: PROGRAM, replicas: 1 }, CONTEXT, signal);
  return instance!.handle;
}

test("a start of the same ordinal waits until the stop has swept, because the sweep would take the new process too", async () => {
  const first = await startOne();
  const sweeping = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  keeper.before = async (method) => {
    if (method !== "sweep") return;
    reached.resolve();
    await sweeping.promise;
  };
  const begin = keeper.calls.length;
  const stopped = driver.stop(first, OPTIONS, signal);
  await reached.promise;
  const second = startOne();
  await clock.settle();
  expect(keeper.calls.slice(begin)).toEqual(["signal", "sweep"]);
  sweeping.resolve();
  await stopped;
  expect(await second).not.toBe(first);
  expect(keeper.calls.slice(begin)).toEqual(["signal", "sweep", "sweep", "sweep", "spawn"]);
});

test("a process that outlives SIGKILL is an error after 5 s, not a wait for ever", async () => {
  const handle = await startOne();
  keeper.isDeaf = true;
  const stopping = driver.stop(handle, OPTIONS, signal).catch((error: unknown) => error);
  await clock.advance(OPTIONS.graceMs - 1);
  const before = keeper.calls.length;
  await clock.advance(1);
  expect(keeper.calls.slice(before)).toEqual(["sweep"]);
  await clock.advance(5_000);
  expect(await stopping).toMatchObject({ code: "FB_DRIVER_STOP_FAILED" });
  expect(clock.pendingTimers()).toBe(0);
});
