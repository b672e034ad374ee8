// Instances that reserve GPUs, as processes on a real keeper: each sees its own, and a new driver still knows whose they are.
import { randomBytes } from "node:crypto";
import { systemClock, type StartContext, type Workload } from "@flyball/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createProcessDriver, type ProcessDriver } from "./process-driver.ts";
import { startTestKeeper, type TestKeeper } from "./testdata/start-test-keeper.ts";

const [APP, CLONE] = ["unit", randomBytes(4).toString("hex")];
const CONTEXT: StartContext = { revision: 1, serviceAddresses: {}, environment: {} };
const SCRIPT = "console.log('gpus ' + (process.env.CUDA_VISIBLE_DEVICES ?? 'all')); setInterval(() => {}, 1e6)";
const signal = new AbortController().signal;
let keeper: TestKeeper;
let driver: ProcessDriver;

beforeEach(async () => {
  keeper = await startTestKeeper(APP, CLONE);
  driver = await connectDriver();
});
afterEach(() => keeper.dispose());

async function connectDriver(): Promise<ProcessDriver> {
  return createProcessDriver({
    keeper: await keeper.connect(),
    layout: keeper.layout,
    app: APP,
    clone: CLONE,
    baseEnvironment: { PATH: process.env["PATH"] },
    clock: systemClock,
    random: Math.random,
    machine: { cpus: 2, memoryBytes: 1024 ** 3, gpuIds: ["0", "1", "2"] },
  });
}

function workload(service: string, gpus: number): Workload {
  return {
    app: APP,
    clone: CLONE,
    service,
    kind: "service",
    specHash: "h",
    command: [process.execPath, "-e", SCRIPT],
    workingDirectory: keeper.layout.directory,
    environment: {},
    ports: [],
    volumes: [],
    configs: [],
    secrets: [],
    resources: { limits: {}, reservations: gpus === 0 ? {} : { gpus } },
    stopSignal: "SIGTERM",
    stopGraceMs: 1_000,
    labels: {},
  };
}

async function gpusOf(handle: string): Promise<string> {
  for await (const { text } of driver.logs(handle, { tail: 10, isFollowing: true }, AbortSignal.timeout(10_000))) {
    if (text.startsWith("gpus ")) return text.slice("gpus ".length);
  }
  throw new Error("it said nothing");
}

test("each instance sees its own GPUs, and one without a reservation what there is", async () => {
  expect((await driver.fingerprint(signal)).gpus).toBe(3);
  const two = await driver.apply({ workload: workload("llm", 1), replicas: 2 }, CONTEXT, signal);
  const [plain] = await driver.apply({ workload: workload("web", 0), replicas: 1 }, CONTEXT, signal);
  const seen = await Promise.all([...two, plain!].map(({ handle }) => gpusOf(handle)));
  expect(seen.toSorted()).toEqual(["0", "1", "all"]);
});

test("a GPU that is taken is not given again, by another driver neither; one whose instance ended is", async () => {
  const [first] = await driver.apply({ workload: workload("llm", 2), replicas: 1 }, CONTEXT, signal);
  driver = await connectDriver();
  const second = { workload: workload("embed", 2), replicas: 1 };
  await expect(driver.apply(second, CONTEXT, signal)).rejects.toMatchObject({ code: "FB_DRIVER_NO_GPU" });
  await driver.stop(first!.handle, { graceMs: 1_000, stopSignal: "SIGTERM" }, signal);
  const [started] = await driver.apply(second, CONTEXT, signal);
  expect(await gpusOf(started!.handle)).toBe("0,1");
});
