// Who listens on an instance's port: the instance, a child of it, or somebody who was quicker. On a real keeper.
import { systemClock, type InstanceObservation, type PortSpec, type Workload } from "@flyball/core";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createProcessDriver, type ProcessDriver } from "./process-driver.ts";
import { startTestKeeper, type TestKeeper } from "./testdata/start-test-keeper.ts";

const [APP, CLONE] = ["unit", randomBytes(4).toString("hex")];
const HTTP: PortSpec = { name: "http", protocol: "http", host: "127.0.0.1" };
const LISTENS =
  'require("net").createServer().listen(process.env.PORT, process.env.HOST).on("error", (error) => process.exit(7))';
const signal = new AbortController().signal;

let keeper: TestKeeper;
let driver: ProcessDriver;
let stranger: Server | undefined;

beforeEach(async () => {
  keeper = await startTestKeeper(APP, CLONE);
  driver = createProcessDriver({
    keeper: await keeper.connect(),
    layout: keeper.layout,
    app: APP,
    clone: CLONE,
    baseEnvironment: { PATH: process.env["PATH"] },
    clock: systemClock,
    random: Math.random,
  });
});

afterEach(async () => {
  stranger?.close();
  stranger = undefined;
  await keeper.dispose();
});

async function start(command: readonly string[]): Promise<InstanceObservation> {
  const workload: Workload = {
    app: APP,
    clone: CLONE,
    service: "api",
    kind: "service",
    specHash: "h1",
    command,
    workingDirectory: keeper.layout.directory,
    environment: {},
    ports: [HTTP],
    volumes: [],
    configs: [],
    secrets: [],
    resources: { limits: {}, reservations: {} },
    stopSignal: "SIGTERM",
    stopGraceMs: 1_000,
    labels: {},
  };
  const context = { revision: 1, serviceAddresses: {}, environment: {} };
  const [instance] = await driver.apply({ workload, replicas: 1 }, context, signal);
  return instance!;
}

function portOf(instance: InstanceObservation): number {
  return instance.addresses["http"]!.port;
}

async function takePort(instance: InstanceObservation): Promise<void> {
  stranger = createServer().listen(portOf(instance), "127.0.0.1");
  await once(stranger, "listening");
}

async function untilListening(instance: InstanceObservation): Promise<void> {
  for (let isThere = false; !isThere;) {
    const socket = connect(portOf(instance), "127.0.0.1");
    isThere = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(
        () => false,
        () => false,
      ),
    ]).catch(() => false);
    socket.destroy();
  }
}

test("the instance itself, and a grandchild of it in a session of its own, are no strangers", async () => {
  const own = await start([process.execPath, "-e", LISTENS]);
  await untilListening(own);
  expect(await driver.foreignListener(own.handle, signal)).toBeUndefined();
  await driver.stop(own.handle, { graceMs: 1_000, stopSignal: "SIGTERM" }, signal);
  const shell = await start(["sh", "-c", `setsid ${process.execPath} -e '${LISTENS}' & sleep 60`]);
  await untilListening(shell);
  expect(await driver.foreignListener(shell.handle, signal)).toBeUndefined();
});

test("a program that took the port before the instance listened is named, also once the instance has left", async () => {
  const lost = await start([process.execPath, "-e", "setInterval(() => {}, 60_000)"]);
  expect(await driver.foreignListener(lost.handle, signal)).toBeUndefined();
  await takePort(lost);
  const holder = { port: portOf(lost), holder: expect.stringContaining(`(pid ${process.pid})`) as string };
  expect(await driver.foreignListener(lost.handle, signal)).toEqual(holder);
  await driver.stop(lost.handle, { graceMs: 1_000, stopSignal: "SIGTERM" }, signal);
  expect(await driver.foreignListener(lost.handle, signal)).toEqual(holder);
});
