// Calls through the gateway in every pair of dialects, against a model that says one script in each of them.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { BackendSnapshot } from "@flyball/core";
import { createFakeUpstream, DEFAULT_MODEL, type FakeUpstream, type ModelBehaviour } from "@flyball/fakes";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { key, model, snapshot } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let rig: Rig;
let upstream: FakeUpstream;

const SCRIPT: ModelBehaviour = {
  ...DEFAULT_MODEL,
  parts: [{ kind: "text", pieces: ["One", " two", " three"] }],
  usage: { input: 7, cached: 2, output: 3, reasoning: 0 },
};

beforeAll(async () => {
  upstream = await createFakeUpstream({ behaviour: { model: SCRIPT } });
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret", outside: "sk-canary-provider" } });
  const backend = (id: string, provider: string): BackendSnapshot => {
    return {
      kind: "provider",
      id,
      provider,
      baseUrl: `${upstream.url}/v1`,
      model: "fake-model",
      apiKeySecret: "outside",
    };
  };
  rig.send(
    snapshot(1, {
      listeners: ["models"],
      models: [
        { ...model("gpt", []), backends: [backend("gpt/0", "openai-compatible")] },
        { ...model("claude", []), backends: [backend("claude/0", "anthropic")] },
      ],
      keys: [key("fb-key", "secret", ["gpt", "claude"])],
    }),
  );
  await rig.start().ready;
});
afterAll(async () => {
  await rig.dispose();
  await upstream.dispose();
});

const PATHS = { openai: "/v1/chat/completions", anthropic: "/v1/messages" } as const;

function ask(face: keyof typeof PATHS, name: string, more: object = {}): Promise<Reply> {
  const body = { model: name, max_tokens: 50, messages: [{ role: "user", content: "count" }], ...more };
  const auth =
    face === "openai"
      ? { authorization: "Bearer fb-key" }
      : { "x-api-key": "fb-key", "anthropic-version": "2023-06-01" };
  return send({
    port: rig.port("models"),
    path: PATHS[face],
    headers: { ...auth, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

describe.each([
  ["openai", "gpt"],
  ["openai", "claude"],
  ["anthropic", "gpt"],
  ["anthropic", "claude"],
] as const)("a client of %s at a backend of %s", (face, name) => {
  it("gets a whole answer in its own form", async () => {
    const reply = await ask(face, name);
    expect(reply.status).toBe(200);
    if (face === "openai") {
      expect(reply.json()).toMatchObject({
        choices: [{ message: { content: "One two three" }, finish_reason: "stop" }],
        usage: { prompt_tokens: 7, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 2 } },
      });
    } else {
      expect(reply.json()).toMatchObject({
        type: "message",
        content: [{ type: "text", text: "One two three" }],
        stop_reason: "end_turn",
        usage: { input_tokens: 5, cache_read_input_tokens: 2, output_tokens: 3 },
      });
    }
  });

  it("gets a stream in its own form", async () => {
    const reply = await ask(face, name, { stream: true });
    expect(reply.status).toBe(200);
    const text = reply.text;
    if (face === "openai") {
      expect(text.match(/"content":"[^"]+"/g)).toEqual(['"content":"One"', '"content":" two"', '"content":" three"']);
      expect(text).toContain('"finish_reason":"stop"');
      expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
      expect(text).not.toContain('"usage":{');
    } else {
      expect(text.match(/^event: \w+$/gm)).toEqual([
        "event: message_start",
        ...(name === "claude" ? ["event: ping"] : []),
        "event: content_block_start",
        ...Array<string>(3).fill("event: content_block_delta"),
        "event: content_block_stop",
        "event: message_delta",
        "event: message_stop",
      ]);
    }
  });

  it("reads an error of the backend in its own form", async () => {
    upstream.setNext({
      status: 400,
      body: JSON.stringify(
        name === "gpt"
          ? { error: { message: "no", type: "invalid_request_error", param: null, code: "bad" } }
          : { type: "error", error: { type: "invalid_request_error", message: "no" } },
      ),
    });
    const reply = await ask(face, name);
    expect(reply.status).toBe(400);
    expect(reply.json()).toMatchObject(
      face === "openai" ? { error: { message: "no" } } : { type: "error", error: { message: "no" } },
    );
  });

  it("reads a cut after content as an error in its own form, without an end", async () => {
    upstream.setNext({ model: { ...SCRIPT, trouble: { atPiece: 2, kind: "cut" } } });
    const text = (await ask(face, name, { stream: true })).text;
    expect(text).toContain(" two");
    expect(text).not.toContain(" three");
    expect(text).not.toMatch(/\[DONE\]|message_stop/);
    expect(text).toMatch(
      face === "openai" ? /data: \{"error":\{.*FB_GATEWAY_STREAM_CUT/ : /event: error\ndata: \{.*STREAM_CUT/,
    );
  });
});
