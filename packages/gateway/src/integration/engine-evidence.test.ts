// What the gateway tells control of its engines: their counters about once a second while they have something to do, and nothing at idle.
import { createServer, type Server, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it, vi } from "vitest";
import type { EngineEvidence } from "@flyball/core";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { open } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let rig: Rig;
let engine: Server;
afterEach(async () => {
  await rig.dispose();
  engine.closeAllConnections();
  engine.close();
});

const pageOf = (tokens: number): string =>
  `vllm:num_requests_running 1\nvllm:num_requests_waiting 2\nvllm:generation_tokens_total ${tokens}\n` +
  "vllm:prompt_tokens_total 100\nvllm:kv_cache_usage_perc 0.5\n";
const seen = (): readonly EngineEvidence[] =>
  rig.signals.filter((signal): signal is EngineEvidence => signal.kind === "engine");

it("tells the counters of a busy engine, why they cannot be read, and asks nothing at idle", async () => {
  let asked = 0;
  let tokens = 0;
  let isHung = false;
  const held: ServerResponse[] = [];
  engine = createServer((request, response) => {
    if (request.url !== "/metrics") {
      held.push(response);
      return;
    }
    asked += 1;
    tokens += 10;
    if (isHung) response.writeHead(500);
    response.end(pageOf(tokens));
  }).listen(0, "127.0.0.1");
  await once(engine, "listening");
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret" }, environment: { TEST_SCRAPES: "1" } });
  const chat = model("chat", ["llm"]);
  rig.send(
    snapshot(1, {
      listeners: ["models"],
      pools: [pool("llm", [endpoint("llm/0@1", (engine.address() as AddressInfo).port)])],
      models: [{ ...chat, backends: [{ ...chat.backends[0]!, traits: "vllm" }] }],
      keys: [key("acme", "secret", ["chat"])],
    }),
  );
  await rig.start().ready;
  await rig.waitUntil(() => seen().length === 1, "its first page");
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(asked).toBe(1);

  const request = open({
    port: rig.port("models"),
    path: "/v1/chat/completions",
    method: "POST",
    headers: { authorization: "Bearer acme", "content-type": "application/json" },
  });
  request.end(JSON.stringify({ model: "chat", messages: [{ role: "user", content: "count" }] }));
  await rig.waitUntil(() => seen().length >= 3, "two pages of a busy engine");
  const counters = seen().map((signal) => signal.counters);
  expect(counters[2]).toEqual({ running: 1, waiting: 2, progress: 100 + 30, preemptions: 0, memoryShare: 0.5 });
  expect(counters.map((each) => each?.progress)).toEqual([110, 120, 130].slice(0, counters.length));
  expect(seen()[0]).toMatchObject({ pool: "llm", endpoint: "llm/0@1" });
  isHung = true;
  await rig.waitUntil(() => seen().at(-1)?.failure === "status 500", "the failure");
  expect(seen().at(-1)?.counters).toBeUndefined();
  for (const response of held) response.end("{}");
  request.destroy();
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  const before = asked;
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  expect(asked).toBe(before);
});
