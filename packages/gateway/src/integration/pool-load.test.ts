// What the gateway tells control about the load of its pools, from real workers.
import { afterEach, expect, it } from "vitest";
import type { PoolLoad } from "@flyball/core";
import type { ServerResponse } from "node:http";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, pool, route, snapshot } from "../testdata/snapshots.ts";
import { send } from "../testdata/test-client.ts";
import { startUpstream, type TestUpstream } from "../testdata/test-upstream.ts";

let rig: Rig;
let web: TestUpstream;

afterEach(async () => {
  await rig.dispose();
  await web.kill();
});

function loadsOf(id: string): PoolLoad[] {
  return rig.signals.filter((signal): signal is PoolLoad => signal.kind === "pool-load" && signal.pool === id);
}

it(
  "says once a second how loaded a pool is, also while no request ends and when nobody comes",
  { timeout: 20_000 },
  async () => {
    const held: ServerResponse[] = [];
    web = await startUpstream((_request, response) => void held.push(response));
    rig = await createRig();
    rig.send(
      snapshot(1, {
        pools: [
          pool("web", [endpoint("web/0@1", web.port, { capacity: 4 })]),
          pool("idle", [endpoint("idle/0@1", web.port)]),
        ],
        routes: [route("all", "web")],
      }),
    );
    await rig.start().ready;
    const replies = [1, 2, 3].map(() => send({ port: rig.port("public"), path: "/" }));
    await rig.waitUntil(() => held.length === 3, "three requests at the upstream");
    await rig.waitUntil(() => loadsOf("web").some(({ inFlight }) => inFlight === 3), "their load");
    expect(loadsOf("web").find(({ inFlight }) => inFlight === 3)).toMatchObject({
      load: 3,
      capacity: 4,
      serving: 1,
      queued: 0,
    });
    expect(loadsOf("idle").at(-1)).toMatchObject({ load: 0, capacity: 16, serving: 1, arrived: 0 });
    for (const response of held) response.end();
    await Promise.all(replies);
    await rig.waitUntil(() => loadsOf("web").at(-1)?.inFlight === 0, "an idle pool");
    expect(loadsOf("web").reduce((sum, { arrived }) => sum + arrived, 0)).toBe(3);
  },
);

it("counts what waits while no endpoint is there", { timeout: 20_000 }, async () => {
  web = await startUpstream((_request, response) => void response.end("ok"));
  rig = await createRig();
  rig.send(snapshot(1, { pools: [pool("web", [])], routes: [route("all", "web")] }));
  await rig.start().ready;
  const reply = send({ port: rig.port("public"), path: "/" });
  await rig.waitUntil(() => loadsOf("web").some(({ queued }) => queued === 1), "one who waits");
  rig.send(snapshot(2, { pools: [pool("web", [endpoint("web/0@1", web.port)])], routes: [route("all", "web")] }));
  expect((await reply).status).toBe(200);
  await rig.waitUntil(() => loadsOf("web").at(-1)?.queued === 0, "an empty queue");
});
