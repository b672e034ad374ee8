// A worker thread dies: its requests are lost, its counts are not, another one takes its place.
import { Agent } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, pool, route, snapshot } from "../testdata/snapshots.ts";
import { open, send } from "../testdata/test-client.ts";
import { startUpstream, type TestUpstream } from "../testdata/test-upstream.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let rig: Rig;
let web: TestUpstream;

afterEach(async () => {
  await rig.dispose();
  await web.kill();
});

async function start(workers: number, spares: number) {
  web = await startUpstream((request, response) => {
    if (request.url !== "/hang") response.end("ok");
  });
  rig = await createRig({ workers, spares, listeners: ["public", "admin"] });
  rig.send(
    snapshot(1, {
      listeners: ["public", "admin"],
      pools: [pool("web", [endpoint("web/0@1", web.port)])],
      routes: [route("all", "web")],
    }),
  );
  const gateway = rig.start();
  await gateway.ready;
  return gateway;
}

const admin = async (path: string) => send({ port: rig.port("admin"), path });
const inFlight = async (): Promise<number> => (await admin("/endpoints")).json().pools[0].endpoints[0].inFlight;

describe("a worker that dies", () => {
  it("is replaced on a spare descriptor, and what it had in flight is given back", async () => {
    await start(2, 2);
    const hanging = Array.from({ length: 20 }, () => {
      const request = open({ port: rig.port("public"), path: "/hang" });
      request.end();
      return request;
    });
    await rig.waitUntil(() => web.received.length === 20, "twenty requests in flight");
    expect(await inFlight()).toBe(20);
    const lost = new Promise((resolve) => hanging.forEach((request) => request.once("close", resolve)));
    process.kill(rig.pid, "SIGHUP");
    await lost;
    await expect.poll(async () => (await inFlight()) < 20, { timeout: 1_000 }).toBe(true);
    await expect.poll(async () => (await admin("/health")).json().workers).toBe(2);
    for (const request of hanging) request.destroy();
    await expect.poll(inFlight, { timeout: 2_000 }).toBe(0);
    const agent = new Agent({ keepAlive: false });
    for (let call = 0; call < 40; call += 1) {
      expect((await send({ port: rig.port("public"), agent })).status).toBe(200);
    }
    expect((await admin("/metrics")).text).toContain("flyball_worker_restarts_total 1");
  });

  it("ends the gateway with code 1 when no spare descriptor is left, so that the keeper starts it anew", async () => {
    const gateway = await start(1, 0);
    process.kill(rig.pid, "SIGHUP");
    expect(await gateway.exited).toBe(1);
    await rig.start(2).ready;
    expect((await send({ port: rig.port("public") })).status).toBe(200);
  });
});
