// What a gateway process learns from the calls that pass through it, and what is left of it after a restart.
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { NO_LIMITS, type PredictionStatus } from "@flyball/core";
import { createFakeUpstream, DEFAULT_MODEL, type FakeUpstream } from "@flyball/fakes";
import { afterEach, describe, expect, it } from "vitest";
import { createRig, type GatewayProcess, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { open, send, type Call, type Reply } from "../testdata/test-client.ts";

const LISTENERS = ["models", "admin"] as const;
const OUTPUT_TOKENS = 48;
const PAGE = `vllm:num_requests_running{engine="0"} 0.0
vllm:num_requests_waiting{engine="0"} 0.0
vllm:num_preemptions_total{engine="0"} 0.0
vllm:cache_config_info{block_size="16",engine="0",num_gpu_blocks="2500"} 1.0
`;

let rig: Rig;
let upstream: FakeUpstream;
let engine: Server | undefined;

afterEach(async () => {
  await rig.dispose();
  await upstream.dispose();
  engine?.close();
  engine = undefined;
});

async function stage(
  options: { readonly workers?: number; readonly priority?: "engine"; readonly traits?: string } = {},
): Promise<GatewayProcess> {
  const { workers = 1, priority, traits } = options;
  upstream = await createFakeUpstream({
    behaviour: {
      model: { ...DEFAULT_MODEL, usage: { input: 30, cached: 0, output: OUTPUT_TOKENS, reasoning: 0 } },
    },
  });
  rig = await createRig({ listeners: LISTENERS, workers, spares: 2, secrets: { "@keys": "secret" } });
  const chat = model("chat", ["llm"]);
  const [backend] = chat.backends;
  const use = { ...(priority && { priorityOrder: priority }), ...(traits && { traits }) };
  rig.send(
    snapshot(1, {
      listeners: LISTENERS,
      pools: [pool("llm", [endpoint("llm/0@1", upstream.address.port)])],
      models: [{ ...chat, backends: [{ ...backend!, ...use }] }],
      keys: [{ ...key("acme", "secret", ["chat"]), tenant: "acme" }],
      tenants: [{ id: "acme", limits: NO_LIMITS, priority: "high" }],
    }),
  );
  return startAgain();
}

async function startAgain(): Promise<GatewayProcess> {
  const started = rig.start();
  await started.ready;
  return started;
}

function callOf(more: object): Call {
  return {
    port: rig.port("models"),
    path: "/v1/chat/completions",
    method: "POST",
    headers: { authorization: "Bearer acme", "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", messages: [{ role: "user", content: "count" }], ...more }),
  };
}

const ask = (more: object = {}): Promise<Reply> => send(callOf(more));

async function predictions(): Promise<PredictionStatus> {
  const { text } = await send({ port: rig.port("admin"), path: "/predictions" });
  return JSON.parse(text) as PredictionStatus;
}

async function end(process: GatewayProcess): Promise<void> {
  process.child.kill("SIGTERM");
  await process.exited;
}

describe("predictions", () => {
  it.each([1, 2])("follow what was answered and survive a restart with %i workers", async (workers) => {
    const first = await stage({ workers });
    expect((await predictions()).models).toEqual([]);
    for (let call = 0; call < 40; call += 1) {
      expect((await ask({ stream: call % 2 === 0 })).status).toBe(200);
    }
    const learned = (await predictions()).models[0];
    expect(learned).toMatchObject({ model: "chat", answers: 40, count: 40 });
    // All are alike: after the first few nothing but that length is expected.
    expect(learned?.medianErrorFactor).toBeLessThan(1.1);
    expect(learned?.levels.map(({ level }) => level)).toContain("prompt");
    await end(first);
    await startAgain();
    const restored = (await predictions()).models[0];
    expect(restored).toMatchObject({ model: "chat", answers: 40, count: 40 });
    expect(restored?.medianErrorFactor).toBeCloseTo(learned?.medianErrorFactor ?? 0, 3);
  });

  it("begin anew where the file is damaged, and say so once", async () => {
    const first = await stage();
    await ask();
    await end(first);
    const path = join(rig.journalFolder, "learned.json");
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ format: "flyball/learned/v1" });
    await writeFile(path, (await readFile(path, "utf8")).slice(0, 100));
    const second = await startAgain();
    expect((await predictions()).models).toEqual([]);
    expect(second.log().split("what was learned before cannot be read")).toHaveLength(2);
    await ask();
    await end(second);
    expect(JSON.parse(await readFile(path, "utf8"))).toMatchObject({ format: "flyball/learned/v1" });
  });

  it("begin anew where what one worker knew is of another version, and say so", async () => {
    const first = await stage();
    await ask();
    await end(first);
    const path = join(rig.journalFolder, "learned.json");
    const file = JSON.parse(await readFile(path, "utf8")) as { workers: { predictor: { levels: string[] } }[] };
    file.workers[0]!.predictor.levels.push("one more");
    await writeFile(path, JSON.stringify(file));
    const second = await startAgain();
    expect((await predictions()).models).toEqual([]);
    expect(second.log()).toContain("damaged or of another version");
  });

  it("count an answer that its client broke off as a beginning", async () => {
    await stage();
    const pieces = Array.from({ length: 200 }, (_, index) => ` word-${index}`);
    upstream.set({ model: { ...DEFAULT_MODEL, parts: [{ kind: "text", pieces }], paceMs: 20, usage: undefined } });
    const request = open(callOf({ stream: true }));
    request.end(callOf({ stream: true }).body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    await once(response, "data");
    response.once("error", () => undefined);
    response.destroy();
    let seen = await predictions();
    while (seen.models.length === 0) seen = await predictions();
    // It says only that answers are longer than this, so it is in no account of what was foretold.
    expect(seen.models[0]).toMatchObject({ answers: 1, count: 0 });
  });
});

describe("engines", () => {
  it("are asked for their metrics, which bound what they are sent", async () => {
    upstream = await createFakeUpstream();
    const asked: string[] = [];
    engine = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.end(PAGE);
    });
    engine.listen(0, "127.0.0.1");
    await once(engine, "listening");
    const { port } = engine.address() as AddressInfo;
    rig = await createRig({
      listeners: LISTENERS,
      secrets: { "@keys": "secret" },
      environment: { TEST_SCRAPES: "1" },
    });
    const chat = model("chat", ["llm"]);
    rig.send(
      snapshot(1, {
        listeners: LISTENERS,
        pools: [pool("llm", [endpoint("llm/0@1", port)]), pool("web", [endpoint("web/0@1", port)])],
        models: [{ ...chat, backends: [{ ...chat.backends[0]!, traits: "vllm" }] }],
        keys: [key("acme", "secret", ["chat"])],
      }),
    );
    await startAgain();
    await rig.waitUntil(() => asked.length > 0, "the engine to be asked");
    let seen = await predictions();
    while (seen.engines.answering === 0) seen = await predictions();
    expect(seen.engines).toEqual({ answering: 1, asked: 1 });
    expect(seen.endpoints).toMatchObject([{ endpoint: "llm/0@1", kvTokenCap: 40_000, foreignRunning: 0 }]);
    expect(new Set(asked)).toEqual(new Set(["/metrics"]));
  });
});

describe("the priority of a call", () => {
  const priorities = (): readonly unknown[] =>
    upstream.requests.map(({ body }) => (JSON.parse(body.toString()) as { priority?: unknown }).priority);

  it("is told to vLLM and to SGLang in each one's own sense, over what the client says", async () => {
    await stage({ priority: "engine", traits: "vllm" });
    await ask();
    await ask({ priority: -99 });
    expect(priorities()).toEqual([-1, -1]);
    await rig.dispose();
    await upstream.dispose();
    await stage({ priority: "engine", traits: "sglang" });
    await ask();
    expect(priorities()).toEqual([1]);
  });

  it("is no business of ours without the setting", async () => {
    await stage({ traits: "vllm" });
    await ask();
    await ask({ priority: 5 });
    expect(priorities()).toEqual([undefined, 5]);
  });

  it("stands in a call that is written anew for the engine too", async () => {
    await stage({ priority: "engine", traits: "vllm" });
    const reply = await send({
      port: rig.port("models"),
      path: "/v1/messages",
      method: "POST",
      headers: { "x-api-key": "acme", "anthropic-version": "2023-06-01", "content-type": "application/json" },
      body: JSON.stringify({ model: "chat", max_tokens: 50, messages: [{ role: "user", content: "count" }] }),
    });
    expect(reply.status).toBe(200);
    expect(priorities()).toEqual([-1]);
  });
});
