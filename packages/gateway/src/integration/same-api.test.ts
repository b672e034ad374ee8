// Operations that only a backend of the same API has: what is sent up is what the client wrote, whatever limits hold, and it is sent only
// where the operation exists. Operations that write text without a bound get one, each in the field that it knows.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { LimitPolicy } from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import {
  createProviderStage,
  dollarsPerDay,
  perMinute,
  policyOf,
  type ProviderStage,
  type Serving,
} from "../testdata/provider-stage.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: ProviderStage;
let other: FakeUpstream;
beforeAll(async () => {
  stage = await createProviderStage();
  other = await createFakeUpstream();
});
afterAll(async () => {
  await stage?.dispose();
  await other?.dispose();
});

const ANTHROPIC = { "x-api-key": "fb-key", "anthropic-version": "2023-06-01" };
const LARGE = 1_000_000_000;
const backendWith = (limits: Partial<LimitPolicy>, provider: string, model?: string): Serving => ({
  backends: [{ provider, limits: policyOf(limits), ...(model === undefined ? {} : { model }) }],
});

/** Limits in tokens and money, of the key and of the backend. */
const LIMITS: readonly (readonly [name: string, serve: (provider: string, model?: string) => Serving])[] = [
  ["a key's tokens", (provider, model) => ({ ...backendWith({}, provider, model), key: perMinute("tokens", LARGE) })],
  ["a key's money", (provider, model) => ({ ...backendWith({}, provider, model), key: dollarsPerDay(LARGE) })],
  ["a backend's tokens", (provider, model) => backendWith(perMinute("tokens", LARGE), provider, model)],
  ["a backend's money", (provider, model) => backendWith(dollarsPerDay(LARGE), provider, model)],
];

const WITHOUT_TEXT: readonly (readonly [path: string, body: object])[] = [
  ["/embeddings", { input: "x", encoding_format: "float" }],
  ["/images/generations", { prompt: "a governor", n: 1, size: "1024x1024" }],
  ["/images/generations", { prompt: "a governor", stream: true, partial_images: 1 }],
  ["/audio/speech", { input: "hello", voice: "alloy", stream_format: "sse" }],
  ["/moderations", { input: "x" }],
  ["/rerank", { query: "x", documents: ["a", "b"] }],
];

describe.each(LIMITS)("under a limit of %s", (_name, serve) => {
  it.each(WITHOUT_TEXT)("%s goes up as the client wrote it", async (path, body) => {
    await stage.serve(serve("openai"));
    const reply = await stage.ask(path, body);
    expect([reply.status, reply.text]).toEqual([200, reply.text]);
    expect(stage.asked().at(-1)).toMatchObject({ path, body: { model: "gpt-4o-mini", ...body } });
    expect(Object.keys(stage.asked().at(-1)?.body)).toEqual(["model", ...Object.keys(body)]);
  });

  it("a form goes up byte by byte", async () => {
    await stage.serve(serve("openai"));
    const form = (name: string): Buffer =>
      Buffer.concat([
        Buffer.from(`--b\r\ncontent-disposition: form-data; name="model"\r\n\r\n${name}\r\n`),
        Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n'),
        Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
        Buffer.from("\r\n--b--\r\n"),
      ]);
    const headers = { "content-type": "multipart/form-data; boundary=b" };
    expect((await stage.ask("/audio/transcriptions", {}, { raw: form("chat"), headers })).status).toBe(200);
    expect(stage.asked().at(-1)?.text).toBe(form("gpt-4o-mini").toString("latin1"));
  });

  it("the counting of tokens goes up as the client wrote it", async () => {
    await stage.serve(serve("anthropic", "claude-haiku-4-5"));
    const body = { system: "be brief", messages: [{ role: "user", content: "x" }] };
    const reply = await stage.ask("/messages/count_tokens", body, { headers: ANTHROPIC });
    expect([reply.status, reply.json()]).toEqual([200, { input_tokens: 7 }]);
    expect(stage.asked().at(-1)?.body).toEqual({ model: "claude-haiku-4-5", ...body });
  });

  it.each([
    ["/chat/completions", "openai", { messages: [{ role: "user", content: "x" }] }, "max_completion_tokens"],
    ["/chat/completions", "groq", { messages: [{ role: "user", content: "x" }] }, "max_completion_tokens"],
    ["/chat/completions", "mistral", { messages: [{ role: "user", content: "x" }] }, "max_tokens"],
    ["/completions", "openai", { prompt: "x" }, "max_tokens"],
    ["/responses", "openai", { input: "x" }, "max_output_tokens"],
  ])("%s at %s gets a bound in its own field", async (path, provider, body, field) => {
    const prices = [price(provider)];
    await stage.serve({ ...serve(provider), prices });
    expect((await stage.ask(path, body)).status).toBe(200);
    expect(stage.asked().at(-1)?.body).toEqual({ [field]: 4_096, model: "gpt-4o-mini", ...body });
  });

  it("a bound that says that there is none is none", async () => {
    await stage.serve({ ...serve("openai-compatible"), prices: [price("openai-compatible")] });
    const body = { messages: [{ role: "user", content: "x" }] };
    for (const none of [-1, 0, null]) {
      expect((await stage.ask("/chat/completions", { ...body, max_tokens: none })).status).toBe(200);
      expect(stage.asked().at(-1)?.body).toEqual({ model: "gpt-4o-mini", ...body, max_tokens: 4_096 });
    }
  });
});

function price(provider: string) {
  const rates = { input: 1, cacheRead: 1, cacheWrite5m: 1, cacheWrite1h: 1, imageInput: 1, output: 1, reasoning: 1 };
  const about = { id: `test/${provider}`, provider, model: "gpt-4o-mini", currency: "usd", validFrom: 0 } as const;
  return { ...about, rates, longPrompt: [] };
}

describe("plain completions", () => {
  it("keep the one name that they have for a bound, also where chat has another", async () => {
    await stage.serve({});
    expect((await stage.ask("/completions", { prompt: "x", max_tokens: 9 })).status).toBe(200);
    expect(stage.asked().at(-1)?.body).toEqual({ model: "gpt-4o-mini", prompt: "x", max_tokens: 9 });
  });
});

describe("embeddings", () => {
  const EMBED = { input: "x" };

  it("are asked of the backends that have them, in their order", async () => {
    other.reset();
    const before = stage.provider.counts.requests;
    await stage.serve({ backends: [{ provider: "groq" }, { provider: "openai", port: other.address.port }] });
    const replies = await Promise.all(Array.from({ length: 4 }, () => stage.ask("/embeddings", EMBED)));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect(replies[0]?.json().data[0].embedding).toHaveLength(3);
    expect([stage.provider.counts.requests - before, other.counts.requests]).toEqual([0, 4]);
    // What it does have still goes there.
    await stage.ask("/chat/completions", { messages: [{ role: "user", content: "x" }] });
    expect(stage.provider.counts.requests - before).toBe(1);
  });

  it("are refused with their reason where no backend has them", async () => {
    const before = stage.provider.counts.requests;
    await stage.serve({ backends: [{ provider: "deepseek" }, { provider: "anthropic" }] });
    const reply = await stage.ask("/embeddings", EMBED);
    expect(reply.status).toBe(400);
    expect(reply.json()).toMatchObject({ error: { code: "FB_GATEWAY_NOT_TRANSLATABLE" } });
    expect(reply.json().error.message).toMatch(/\/embeddings cannot be sent to a backend of chat/);
    expect(reply.headers["x-should-retry"]).toBe("false");
    expect(stage.provider.counts.requests).toBe(before);
  });
});
