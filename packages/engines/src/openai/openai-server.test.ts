// The server on a real socket around a fake engine: what clients of the OpenAI API rely on, byte for byte where it matters.

import { once } from "node:events";
import { request as httpRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createOpenAiServer } from "./openai-server.ts";
import type { OpenAiServer, ServerAddress } from "./openai-server.ts";
import { createScriptedEngine } from "./scripted-engine.ts";
import type { ScriptedEngine } from "./scripted-engine.ts";

let engine: ScriptedEngine;
let server: OpenAiServer;
let address: ServerAddress;

beforeEach(async () => {
  engine = createScriptedEngine();
  server = createOpenAiServer({
    engine,
    model: "script-1",
    createCompletionId: () => "chatcmpl-1",
    clock: { now: () => 1_700_000_000_500, monotonic: () => 0, after: afterReal },
  });
  address = await server.start("127.0.0.1", 0);
});

afterEach(async () => {
  await server.stop();
});

const hello = { model: "script-1", messages: [{ role: "user", content: "Hello" }] };

describe("a plain completion", () => {
  it("has OpenAI's form, the engine's own fields and the usage", async () => {
    const pending = post(hello);
    await answer("Good ", "day");
    const response = await pending;
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      id: "chatcmpl-1",
      object: "chat.completion",
      created: 1_700_000_000,
      model: "script-1",
      answered_by: "script",
      choices: [
        {
          index: 0,
          message: { role: "assistant", content: "Good day", refusal: null },
          logprobs: null,
          finish_reason: "stop",
        },
      ],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
    });
  });

  it("joins the text parts of a message", async () => {
    const content = [
      { type: "text", text: "one" },
      { type: "text", text: "two" },
    ];
    const pending = post({ ...hello, messages: [{ role: "user", content }] });
    const generation = await engine.nextGeneration();
    generation.finish();
    await pending;
    expect(generation.request.messages).toEqual([{ role: "user", text: "one\ntwo" }]);
  });

  it("ends with length at max_tokens and stops the engine", async () => {
    const pending = post({ ...hello, max_tokens: 2 });
    const generation = await engine.nextGeneration();
    for (const text of ["a", "b", "c"]) generation.say(text);
    const body = (await (await pending).json()) as Completion;
    expect(body.choices[0]).toMatchObject({ message: { content: "ab" }, finish_reason: "length" });
    await generation.released;
  });

  it("ends before a stop text that is spread over pieces", async () => {
    const pending = post({ ...hello, stop: ["END"] });
    await answer("text E", "N", "D more");
    const body = (await (await pending).json()) as Completion;
    expect(body.choices[0]).toMatchObject({ message: { content: "text " }, finish_reason: "stop" });
  });

  it("answers 500 in OpenAI's form when the engine fails", async () => {
    const pending = post(hello);
    (await engine.nextGeneration()).fail(new Error("secret detail"));
    const response = await pending;
    expect(response.status).toBe(500);
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({ error: { type: "server_error", code: "engine_failed" } });
    expect(text).not.toContain("secret detail");
  });
});

describe("a streamed completion", () => {
  it("is a role chunk, text chunks, a finish chunk and [DONE], all with one id, time and model", async () => {
    const pending = post({ ...hello, stream: true });
    await answer("Good ", "day");
    const response = await pending;
    expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    const text = await response.text();
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
    const chunks = chunksOf(text);
    const head = {
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1_700_000_000,
      model: "script-1",
      answered_by: "script",
    };
    const choice = (delta: object, finish: string | null): object => ({
      ...head,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    });
    expect(chunks).toEqual([
      choice({ role: "assistant", content: "" }, null),
      choice({ content: "Good " }, null),
      choice({ content: "day" }, null),
      choice({}, "stop"),
    ]);
  });

  it("ends with a usage chunk without choices when asked, and says usage null before", async () => {
    const pending = post({ ...hello, stream: true, stream_options: { include_usage: true } });
    await answer("Good ", "day");
    const chunks = chunksOf(await (await pending).text());
    expect(chunks.slice(0, -1).every((chunk) => chunk.usage === null && chunk.choices.length === 1)).toBe(true);
    expect(chunks.at(-1)).toMatchObject({
      choices: [],
      usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 },
    });
  });

  it("sends each piece as soon as the engine has it", async () => {
    const { response } = await openStream();
    const generation = await engine.nextGeneration();
    generation.say("first");
    const incoming = await response;
    let seen = "";
    incoming.on("data", (chunk: Buffer) => (seen += chunk.toString()));
    while (!seen.includes("first")) await once(incoming, "data");
    expect(seen).not.toContain("[DONE]");
    generation.finish();
    await once(incoming, "end");
    expect(seen).toContain("[DONE]");
  });

  it("sends a true status when the engine fails before the first piece", async () => {
    const pending = post({ ...hello, stream: true });
    (await engine.nextGeneration()).fail(new Error("broken"));
    expect((await pending).status).toBe(500);
  });

  it("sends an error event and no [DONE] when the engine fails later", async () => {
    const pending = post({ ...hello, stream: true });
    const generation = await engine.nextGeneration();
    generation.say("begun");
    generation.fail(new Error("broken"));
    const text = await (await pending).text();
    expect(text).toContain('data: {"error":{');
    expect(text).not.toContain("[DONE]");
  });

  it("aborts the generation when the client leaves", async () => {
    const { request, response } = await openStream();
    const generation = await engine.nextGeneration();
    generation.say("first");
    await response;
    expect(generation.signal.aborted).toBe(false);
    request.destroy();
    await generation.released;
    expect(generation.signal.aborted).toBe(true);
    expect(await metricsText()).toContain('finished_reason="abort"} 1');
  });

  it("does not run ahead of a client that does not read", async () => {
    const { request, response } = await openStream();
    const generation = await engine.nextGeneration();
    const big = "x".repeat(1 << 20);
    for (let piece = 0; piece < 64; piece++) generation.say(big);
    await response;
    request.destroy();
    await generation.released;
    expect(generation.takenPieces()).toBeLessThan(64);
  });
});

describe("a waiting plain request", () => {
  it("is aborted when its client leaves", async () => {
    const { request } = await openStream({ stream: false });
    const generation = await engine.nextGeneration();
    request.destroy();
    await generation.released;
    expect(generation.signal.aborted).toBe(true);
  });
});

describe("refusals", () => {
  it.each([
    ["bad JSON", "{", 400, null],
    ["bytes that are no UTF-8", Buffer.from([0x22, 0xff, 0x22]), 400, null],
    ["no messages", JSON.stringify({ model: "script-1" }), 400, null],
    ["empty messages", JSON.stringify({ model: "script-1", messages: [] }), 400, null],
    ["an unknown model", JSON.stringify({ ...hello, model: "other" }), 404, "model_not_found"],
    ["stream_options without stream", JSON.stringify({ ...hello, stream_options: {} }), 400, null],
    ["several choices", JSON.stringify({ ...hello, n: 2 }), 400, "unsupported_value"],
  ])("gives an OpenAI error for %s", async (_name, body, status, code) => {
    const response = await postRaw(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({
      error: {
        message: expect.any(String),
        type: "invalid_request_error",
        param: expect.toBeOneOf([null, expect.any(String)]),
        code,
      },
    });
  });

  it("answers 413 to a body over 4 MB that is sent to its end", async () => {
    const content = "x".repeat(5 * 1024 * 1024);
    const response = await post({ ...hello, messages: [{ role: "user", content }] });
    expect(response.status).toBe(413);
    expect(await response.json()).toMatchObject({ error: { code: "request_too_large" } });
  });

  it("takes a body just under 4 MB", async () => {
    const content = "x".repeat(4 * 1024 * 1024 - 200);
    const pending = post({ ...hello, messages: [{ role: "user", content }] });
    await answer("ok");
    expect((await pending).status).toBe(200);
  });

  it("cuts off a client that never stops sending", async () => {
    const request = httpRequest(`${address.url}/v1/chat/completions`, { method: "POST" });
    const ended = new Promise<void>((resolve) => request.once("close", resolve));
    request.on("error", () => {});
    const block = Buffer.alloc(1 << 20, 120);
    const write = (): void => {
      if (!request.destroyed) request.write(block, () => setImmediate(write));
    };
    write();
    await ended;
    expect(request.destroyed).toBe(true);
  });

  it("answers 405 with the method that is allowed", async () => {
    const response = await fetch(`${address.url}/v1/chat/completions`);
    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("POST");
  });

  it("answers 404 for an unknown path, also for names of object members", async () => {
    expect((await fetch(`${address.url}/nothing`)).status).toBe(404);
    expect((await fetch(`${address.url}/constructor`)).status).toBe(404);
  });

  it("answers 503 with retry-after when the engine is full", async () => {
    engine.refuseWith({ outcome: "saturated" });
    const response = await post(hello);
    expect(response.status).toBe(503);
    expect(response.headers.get("retry-after")).toBe("1");
    expect(await response.json()).toMatchObject({ error: { code: "engine_saturated" } });
  });

  it("answers context_length_exceeded when the request can never fit", async () => {
    engine.refuseWith({ outcome: "too-long", promptTokens: 100, limitTokens: 50 });
    const response = await post(hello);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: "context_length_exceeded" } });
  });
});

describe("the other paths", () => {
  it("says healthy only when the engine is ready", async () => {
    expect((await fetch(`${address.url}/health`)).status).toBe(200);
    engine.setReady(false);
    expect((await fetch(`${address.url}/health`)).status).toBe(503);
    expect((await post(hello)).status).toBe(503);
  });

  it("lists its model", async () => {
    expect(await (await fetch(`${address.url}/v1/models`)).json()).toEqual({
      object: "list",
      data: [{ id: "script-1", object: "model", created: 1_700_000_000, owned_by: "flyball" }],
    });
  });

  it("gives vLLM's metrics, counted per request", async () => {
    const pending = post(hello);
    await answer("Good ", "day");
    await pending;
    const text = await metricsText();
    for (const line of [
      'vllm:num_requests_running{model_name="script-1"} 2',
      'vllm:num_requests_waiting{model_name="script-1"} 1',
      'vllm:kv_cache_usage_perc{model_name="script-1"} 0.25',
      'vllm:prompt_tokens_total{model_name="script-1"} 7',
      'vllm:generation_tokens_total{model_name="script-1"} 2',
      'vllm:request_success_total{model_name="script-1",finished_reason="stop"} 1',
      'vllm:time_to_first_token_seconds_count{model_name="script-1"} 1',
      'vllm:e2e_request_latency_seconds_bucket{model_name="script-1",le="+Inf"} 1',
    ]) {
      expect(text.split("\n")).toContain(line);
    }
  });
});

describe("ending", () => {
  it("finishes what runs, refuses what comes, then closes", async () => {
    const { response } = await openStream();
    const generation = await engine.nextGeneration();
    generation.say("first");
    const incoming = await response;
    const drained = server.drain(60_000);
    await expect(fetch(`${address.url}/health`)).rejects.toThrow();
    generation.say("second");
    generation.finish();
    let text = "";
    for await (const chunk of incoming) text += String(chunk);
    expect(text).toContain("second");
    expect(text).toContain("[DONE]");
    await drained;
  });

  it("cuts off what outlives the grace", async () => {
    const { response } = await openStream();
    const generation = await engine.nextGeneration();
    generation.say("first");
    (await response).on("error", () => {}).resume();
    await server.drain(1);
    await generation.released;
    expect(generation.signal.aborted).toBe(true);
  });

  it("closes idle kept-alive connections at once", async () => {
    await fetch(`${address.url}/health`);
    await server.drain(60_000);
  });

  it("may be stopped twice", async () => {
    await server.stop();
    await server.stop();
  });

  it("rejects a start on a taken port", async () => {
    const other = createOpenAiServer({ engine, model: "script-1" });
    await expect(other.start("127.0.0.1", address.port)).rejects.toThrow("EADDRINUSE");
  });
});

interface Completion {
  readonly choices: readonly object[];
  readonly usage?: object | null;
}

function afterReal(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}

async function answer(...texts: string[]): Promise<void> {
  const generation = await engine.nextGeneration();
  for (const text of texts) generation.say(text);
  generation.finish();
}

function post(body: object): Promise<Response> {
  return postRaw(JSON.stringify(body));
}

function postRaw(body: string | Buffer<ArrayBuffer>): Promise<Response> {
  return fetch(`${address.url}/v1/chat/completions`, { method: "POST", body });
}

async function metricsText(): Promise<string> {
  return (await fetch(`${address.url}/metrics`)).text();
}

function chunksOf(text: string): Completion[] {
  const events = text.split("\n\n").filter((event) => event !== "" && event !== "data: [DONE]");
  return events.map((event) => {
    expect(event.startsWith("data: ")).toBe(true);
    return JSON.parse(event.slice("data: ".length)) as Completion;
  });
}

async function openStream(fields: object = { stream: true }): Promise<{
  readonly request: ReturnType<typeof httpRequest>;
  readonly response: Promise<import("node:http").IncomingMessage>;
}> {
  const request = httpRequest(`${address.url}/v1/chat/completions`, { method: "POST" });
  request.on("error", () => {});
  const response = new Promise<import("node:http").IncomingMessage>((resolve) =>
    request.once("response", resolve),
  );
  request.end(JSON.stringify({ ...hello, ...fields }));
  return { request, response };
}
