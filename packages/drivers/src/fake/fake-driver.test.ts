import type { StartContext, Workload } from "@flyball/core";
import { createFakeClock, seededRandom, type FakeClock } from "@flyball/fakes";
import { beforeEach, expect, test } from "vitest";
import type { DriverEvent } from "../v1/driver.ts";
import { createFakeDriver, type FakeDriver } from "./fake-driver.ts";

const CONTEXT: StartContext = { revision: 1, serviceAddresses: {}, environment: {} };
const signal = new AbortController().signal;
let clock: FakeClock;
let driver: FakeDriver;

beforeEach(() => {
  clock = createFakeClock(0);
  driver = createFakeDriver({ clock, random: seededRandom(1) });
});

const PROGRAM = {
  app: "qa",
  clone: "c",
  service: "api",
  specHash: "h",
  ports: [{ name: "http", protocol: "http", host: "127.0.0.1" }],
  stopGraceMs: 1_000,
  stopSignal: "SIGTERM",
} as unknown as Workload;

test("a slow start takes its time on the clock, and an abort leaves nothing", async () => {
  driver.setKnobs({ startDelayMs: 500 });
  const started = driver.apply({ workload: PROGRAM, replicas: 1 }, CONTEXT, signal);
  await clock.advance(499);
  expect(driver.instances()).toEqual([]);
  await clock.advance(1);
  expect(await started).toHaveLength(1);
  const ending = new AbortController();
  const aborted = driver.apply({ workload: PROGRAM, replicas: 2 }, CONTEXT, ending.signal);
  ending.abort(new Error("enough"));
  await expect(aborted).rejects.toThrow("enough");
  await clock.advance(1_000);
  expect(driver.instances()).toHaveLength(1);
});

test("knobs may differ from start to start: two crashes, then health", async () => {
  driver.setKnobs((_workload, _ordinal, start) => (start < 3 ? { crashAfterMs: 100, exitCode: 7 } : {}));
  const events: DriverEvent[] = [];
  await driver.observe((event) => events.push(event), signal);
  let [instance] = await driver.apply({ workload: PROGRAM, replicas: 1 }, CONTEXT, signal);
  for (let restarts = 0; restarts < 2; restarts++) {
    await clock.advance(100);
    instance = await driver.restart(instance!.handle, PROGRAM, CONTEXT, signal);
  }
  await clock.advance(10_000);
  expect(driver.instances().map((one) => one.exit?.code)).toEqual([7, 7, undefined]);
  expect(events.map((event) => event.kind)).toHaveLength(5);
});

test("a crash by hand is nobody's wish, by SIGKILL unless a code is given", async () => {
  const instances = await driver.apply({ workload: PROGRAM, replicas: 2 }, CONTEXT, signal);
  driver.crash(instances[0]!.handle);
  driver.crash(instances[1]!.handle, { code: 2 });
  expect(driver.instances("api").map((one) => one.exit)).toEqual([
    { code: null, signal: "SIGKILL", wasRequested: false, at: 0 },
    { code: 2, signal: null, wasRequested: false, at: 0 },
  ]);
  expect(driver.instances("other")).toEqual([]);
});

test("a stubborn program is killed exactly when the grace ends", async () => {
  driver.setKnobs({ ignoresStopSignal: true });
  const [instance] = await driver.apply({ workload: PROGRAM, replicas: 1 }, CONTEXT, signal);
  const stopped = driver.stop(instance!.handle, { graceMs: 1_000, stopSignal: "SIGTERM" }, signal);
  await clock.advance(999);
  expect(driver.instances()[0]?.state).toBe("running");
  await clock.advance(1);
  await stopped;
  expect(driver.instances()[0]?.exit).toEqual({ code: null, signal: "SIGKILL", wasRequested: true, at: 1_000 });
});

test("ports lead where a knob says, calls are remembered, output and usage follow the knobs", async () => {
  driver.setKnobs({ ports: { http: 4_711 }, output: ["hello"], usage: { cpus: 2, rssBytes: 10 } });
  const [instance] = await driver.apply({ workload: PROGRAM, replicas: 1 }, CONTEXT, signal);
  const { handle } = instance!;
  expect(instance?.addresses).toEqual({ http: { host: "127.0.0.1", port: 4_711 } });
  await clock.advance(3_000);
  expect(await driver.measure(signal)).toEqual([{ handle, cpuSeconds: 6, rssBytes: 10, at: 3_000 }]);
  driver.print(handle, "more", "stderr");
  const texts = [];
  for await (const line of driver.logs(handle, { tail: 10, isFollowing: false }, signal)) texts.push(line.text);
  expect(texts).toEqual(["hello", "more"]);
  expect(driver.calls).toEqual([{ method: "apply", service: "api", handle: undefined, replicas: 1, at: 0 }]);
});

test("a failing start says why, and the next one may succeed", async () => {
  driver.setKnobs({ failToStart: "no luck" });
  await expect(driver.apply({ workload: PROGRAM, replicas: 1 }, CONTEXT, signal)).rejects.toMatchObject({
    code: "FB_DRIVER_START_FAILED",
    message: expect.stringContaining("no luck"),
  });
  driver.setKnobs({});
  expect(await driver.apply({ workload: PROGRAM, replicas: 1 }, CONTEXT, signal)).toHaveLength(1);
});
