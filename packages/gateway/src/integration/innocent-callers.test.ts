// A chain: clients → gateway → api → gateway → engine. An engine takes requests and does not answer; the api only waits for it.
import { createServer, request as httpRequest, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import type { PoolSnapshot, RequestEvidence } from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, pool, route, snapshot } from "../testdata/snapshots.ts";
import { send } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

let rig: Rig;
let engines: readonly FakeUpstream[] = [];
let apis: readonly Server[] = [];

afterEach(async () => {
  for (const api of apis) {
    api.close();
    api.closeAllConnections();
  }
  await rig.dispose();
  await Promise.all(engines.map((engine) => engine.dispose()));
});

/** Passes each request on to the engines, through the gateway. */
async function startApi(): Promise<Server> {
  const api = createServer((incoming, outgoing) => {
    incoming.resume();
    httpRequest({ host: "127.0.0.1", port: rig.port("engine") }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502);
      answer.pipe(outgoing);
    })
      .on("error", () => outgoing.destroy())
      .end();
  });
  api.listen(0, "127.0.0.1");
  await once(api, "listening");
  return api;
}

const portOf = (server: Server): number => (server.address() as AddressInfo).port;
const evidence = (name: string): readonly RequestEvidence[] =>
  rig.signals.filter((signal): signal is RequestEvidence => signal.kind === "requests" && signal.pool === name);

async function serve(leadsTo: PoolSnapshot["leadsTo"]): Promise<void> {
  engines = [await createFakeUpstream(), await createFakeUpstream()];
  for (const engine of engines) engine.set({ delayMs: 60 });
  rig = await createRig({ listeners: ["public", "engine"] });
  apis = [await startApi(), await startApi()];
  const endpointsOf = (name: string, ports: readonly number[]) =>
    ports.map((port, ordinal) => endpoint(`${name}/${ordinal}@1`, port));
  const engine = { id: "engine", kind: "service", host: "127.0.0.1", port: 0 } as const;
  rig.send(
    snapshot(1, {
      listeners: ["public", engine],
      pools: [
        pool("api", endpointsOf("api", apis.map(portOf)), leadsTo === undefined ? {} : { leadsTo }),
        pool(
          "engine",
          endpointsOf(
            "engine",
            engines.map(({ address }) => address.port),
          ),
        ),
      ],
      routes: [route("all", "api"), route("in", "engine", { listener: "engine" })],
    }),
  );
  await rig.start().ready;
  await Promise.all(Array.from({ length: 6 }, () => askInTurn(25)));
  rig.signals.length = 0;
}

async function askInTurn(count: number): Promise<void> {
  for (let asked = 0; asked < count; asked += 1) await send({ port: rig.port("public") });
}

it.each([
  ["one engine", 1],
  ["every engine", 2],
])("%s that hangs is silent; who called it is neither silent nor ejected", async (_name, hanging) => {
  await serve({ pools: ["engine"], models: [] });
  for (const engine of engines.slice(0, hanging)) engine.set({ fault: { kind: "hang-before-headers" } });
  const asked = Array.from({ length: 8 }, () => send({ port: rig.port("public") }));
  await rig.waitUntil(() => evidence("engine").some(({ stuck = 0 }) => stuck > 0), "a silent engine");
  await rig.waitUntil(() => evidence("api").some(({ oldestWaitMs = 0 }) => oldestWaitMs > 1_300), "callers that wait");
  for (const engine of engines) engine.set({ delayMs: 60 });
  for (const engine of engines.slice(0, hanging)) await engine.refuse({ resetsOpen: true });
  for (const engine of engines.slice(0, hanging)) await engine.accept();
  await Promise.allSettled(asked);
  expect(evidence("api").filter(({ stuck = 0, ejected }) => stuck > 0 || ejected !== undefined)).toEqual([]);
});

it("without knowing what a service calls, its waits count as its own", async () => {
  await serve(undefined);
  for (const engine of engines) engine.set({ fault: { kind: "hang-before-headers" } });
  const asked = Array.from({ length: 4 }, () => send({ port: rig.port("public") }));
  await rig.waitUntil(() => evidence("api").some(({ stuck = 0 }) => stuck > 0), "callers that count as silent");
  for (const engine of engines) await engine.refuse({ resetsOpen: true });
  await Promise.allSettled(asked);
});
