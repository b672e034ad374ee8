import { createTemporaryFolder } from "@flyball/fakes";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { startFakeApp } from "../testing/fake-app.ts";
import { makePort, makeService, makeServiceStatus, makeSpec, makeStatus } from "../testing/make-status.ts";
import { checkPorts, checkStatus } from "./check-app.ts";
import { checkClock, checkNode, checkSocketPath, checkStateFolder } from "./check-machine.ts";

test("a Node that is too old, a path that is too long and a folder that cannot be written fail with a hint", () => {
  for (const check of [
    checkNode("22.9.0"),
    checkSocketPath(`/${"x".repeat(100)}`),
    checkStateFolder("/proc/flyball"),
  ]) {
    expect(check.state).toBe("failed");
    expect(check.hint).toBeDefined();
  }
  expect([checkNode("24.1.0"), checkSocketPath("/tmp/x")].map(({ state }) => state)).toEqual(["ok", "ok"]);
});

test("a state folder that is not there yet is judged by the nearest folder above it", async () => {
  await using folder = await createTemporaryFolder();
  expect(checkStateFolder(`${folder.path}/a/b/c`).state).toBe("ok");
});

test("an app that was started in the future means that the clock was set back", () => {
  expect(checkClock(1_000_000, [900_000, 1_030_000]).state).toBe("ok");
  expect(checkClock(1_000_000, [5_000_000]).state).toBe("failed");
});

test("a port that somebody else holds is a warning that names the program", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const check = checkPorts(makeSpec([makeService("api", { ports: [makePort({ published: port })] })]));
    expect(check.state).toBe("warning");
    expect(check.detail.values["ports"]).toContain(`${port} (`);
    expect(check.detail.values["ports"]).toContain(`pid ${process.pid}`);
  } finally {
    server.close();
  }
});

test("a gateway that is gone and services that are ill fail", () => {
  const status = makeStatus([makeServiceStatus("api", [], { state: "crash-loop" })], {
    gateway: { isConnected: false, snapshotVersion: 0 },
  });
  expect(checkStatus(status).map(({ name, state, hint }) => [name, state, hint?.values])).toEqual([
    ["gateway", "failed", {}],
    ["services", "failed", { service: "api" }],
  ]);
});

test("doctor is 0 for an app that does well, and 3 with the reason for one whose control is away", async () => {
  await using app = await startFakeApp({ answers: { "GET /v1/status": makeStatus([]) } });
  const well = await app.run(["doctor", "-o", "json"]);
  const checks = JSON.parse(well.stdout) as { readonly name: string; readonly state: string }[];
  expect(well.exitCode).toBe(0);
  expect(checks.map(({ name }) => name)).toEqual([
    "node",
    "state-folder",
    "socket-path",
    "disk",
    "clock",
    "manifest",
    "keeper",
    "control",
    "gateway",
    "services",
  ]);
});

test("a manifest that is wrong fails, with the place", async () => {
  await using app = await startFakeApp({
    answers: { "GET /v1/status": makeStatus([]) },
    manifest: "apiVersion: flyball/v1\nname: demo\nprots: 1\n",
  });
  const { exitCode, stdout } = await app.run(["doctor"]);
  expect(exitCode).toBe(3);
  expect(stdout).toContain("flyball.yaml:3:1 prots");
});
