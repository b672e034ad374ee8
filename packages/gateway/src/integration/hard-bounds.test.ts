// Tokens and money are reserved at the most that a call can come to, at the key and at the backend alike: a storm of calls at once never
// spends more than there is, whatever their prompts hold.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { LedgerRecord, LimitPolicy, ModelPrice } from "@flyball/core";
import { DEFAULT_MODEL, type RecordedRequest } from "@flyball/fakes";
import {
  createProviderStage,
  dollarsPerDay,
  policyOf,
  type ProviderStage,
  type Serving,
} from "../testdata/provider-stage.ts";
import type { Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: ProviderStage;
beforeAll(async () => {
  stage = await createProviderStage(2);
});
afterAll(() => stage?.dispose());

let since = 0;
let number = 0;
beforeEach(() => {
  stage.provider.reset();
  since = Date.now();
});

/** A backend without a past in the limits, with a price of a micro-dollar a token. */
function backend(limits: Partial<LimitPolicy>, more: { contextTokens?: number; provider?: string } = {}) {
  number += 1;
  return { id: `chat/${number}`, provider: "test", model: `m${number}`, limits: policyOf(limits), ...more };
}

/** A rate without a past: another window is another counter. */
function tokensOf(limit: number): Partial<LimitPolicy> {
  number += 1;
  return { rates: [{ unit: "tokens", limit, windowMs: 60_000 + number }] };
}

const MILLION = 1_000_000;
const rates = { input: MILLION, cacheRead: MILLION, imageInput: MILLION, output: MILLION, reasoning: MILLION };
const prices: readonly ModelPrice[] = ["test", "openai", "anthropic"].map((provider) => ({
  id: `test/${provider}`,
  provider,
  model: "m*",
  currency: "usd",
  validFrom: 0,
  rates: { ...rates, cacheWrite5m: MILLION, cacheWrite1h: MILLION },
  longPrompt: [],
}));

/** A model that writes until its bound stops it, or to 40,000 tokens; `input` tokens for what stands in its prompt. */
function writesOn(input: number): void {
  const respond = ({ body }: RecordedRequest) => {
    const call = JSON.parse(body.toString()) as Record<string, number>;
    const bound = call["max_tokens"] ?? call["max_completion_tokens"] ?? call["max_output_tokens"] ?? 40_000;
    const output = Math.min(bound, 40_000) * (call["n"] ?? 1);
    const choices = [{ index: 0, message: { role: "assistant", content: "on and on" }, finish_reason: "length" }];
    const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
    const headers = { "content-type": "application/json" };
    return { status: 200, headers, body: JSON.stringify({ id: "c", object: "chat.completion", choices, usage }) };
  };
  stage.provider.set({ respond });
}

const CHAT = "/chat/completions";
const TEXT = { messages: [{ role: "user", content: "count" }] };
const withPart = (...parts: readonly object[]) => ({ messages: [{ role: "user", content: parts }], max_tokens: 10 });

const atOnce = (count: number, body: object): Promise<Reply[]> =>
  Promise.all(Array.from({ length: count }, () => stage.ask(CHAT, body)));

/** Records of this test once all answers that got through are settled. */
async function records(replies: readonly Reply[]): Promise<readonly LedgerRecord[]> {
  const served = replies.filter(({ status }) => status === 200).length;
  return vi.waitFor(async () => {
    const found = (await stage.settled(0)).filter(({ time, attempts }) => time >= since && attempts.length > 0);
    expect(found).toHaveLength(served);
    return found;
  });
}

const spent = (list: readonly LedgerRecord[]): number => list.reduce((sum, { cost }) => sum + cost.usd, 0);
const tokens = (list: readonly LedgerRecord[]): number =>
  list.reduce((sum, { usage }) => sum + usage.input + usage.output, 0);

describe("whole calls whose client named no bound, twenty at once", () => {
  const limits: readonly (readonly [string, (limits: Partial<LimitPolicy>) => Serving])[] = [
    ["backend", (policy) => ({ prices, backends: [backend(policy)] })],
    ["key", (policy) => ({ prices, backends: [backend({})], key: policy })],
  ];

  it.each(limits)("spend no more money than their %s has", async (_name, serve) => {
    await stage.serve(serve(dollarsPerDay(20_000)));
    writesOn(7);
    const replies = await atOnce(20, TEXT);
    const settled = await records(replies);
    expect(settled.length).toBeGreaterThan(2);
    expect(spent(settled)).toBeLessThanOrEqual(20_000);
    expect(replies.some(({ status }) => status === 429)).toBe(true);
  });

  it.each(limits)("use no more tokens than their %s has", async (_name, serve) => {
    await stage.serve(serve(tokensOf(20_000)));
    writesOn(7);
    const settled = await records(await atOnce(20, TEXT));
    expect(settled.length).toBeGreaterThan(2);
    expect(tokens(settled)).toBeLessThanOrEqual(20_000);
  });

  it("count every answer that they ask for", async () => {
    await stage.serve({ prices, backends: [backend(dollarsPerDay(40_000))] });
    writesOn(7);
    const settled = await records(await atOnce(20, { ...TEXT, n: 3 }));
    expect(settled.length).toBeGreaterThan(1);
    expect(spent(settled)).toBeLessThanOrEqual(40_000);
  });

  it("are left as they are at a backend on which nothing counts", async () => {
    await stage.serve({ prices, backends: [backend({}), backend(dollarsPerDay(20_000))] });
    writesOn(7);
    const settled = await records(await atOnce(4, TEXT));
    expect(settled.map(({ usage }) => usage.output)).toEqual([40_000, 40_000, 40_000, 40_000]);
  });

  it("go on to a backend that has something left when one has not", async () => {
    const first = backend(dollarsPerDay(5_000));
    await stage.serve({ prices, backends: [first, backend({})] });
    writesOn(7);
    const replies = await atOnce(6, TEXT);
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
    const settled = await records(replies);
    expect(settled.filter(({ backend: id }) => id === first.id).map(({ usage }) => usage.output)).toEqual([4_096]);
  });

  it("do not break a worker with a bound that no number holds", async () => {
    await stage.serve({ prices, backends: [backend(dollarsPerDay(20_000))] });
    const raw = Buffer.from('{"model":"chat","max_tokens":1e999,"messages":[{"role":"user","content":"count"}]}');
    expect((await stage.ask(CHAT, {}, { raw })).status).toBe(429);
    expect((await stage.ask(CHAT, { ...TEXT, max_tokens: 10 })).status).toBe(200);
  });
});

describe("streams whose client named no bound, ten at once", () => {
  it.each(["backend", "key"])("are cut before they come to more than their %s has", async (subject) => {
    const pieces = Array.from({ length: 3_000 }, (_, index) => ` word${index}`);
    stage.provider.set({ model: { ...DEFAULT_MODEL, parts: [{ kind: "text", pieces }], usage: undefined } });
    const limits = dollarsPerDay(9_000);
    const isKey = subject === "key";
    await stage.serve({ prices, backends: [backend(isKey ? {} : limits)], ...(isKey ? { key: limits } : {}) });
    const replies = await atOnce(10, { ...TEXT, stream: true });
    const settled = await records(replies);
    const words = replies.reduce((sum, { text }) => sum + (text.match(/ word/g)?.length ?? 0), 0);
    expect(replies.some(({ text }) => text.includes("FB_GATEWAY_STREAM_SPENT"))).toBe(true);
    expect(spent(settled)).toBeLessThanOrEqual(9_000);
    // A token a word: what was truly written is below what was settled, and not far below what there was.
    expect(words).toBeLessThanOrEqual(spent(settled));
    expect(words).toBeGreaterThan(1_200);
  });
});

describe("prompts with parts that are no text", () => {
  const picture = (url: string) => ({ type: "image_url", image_url: { url } });
  const BY_URL = picture("https://example.test/a.png");
  const INLINE = picture(`data:image/png;base64,${"iVBORw0KGgo".repeat(90_000)}`);

  it.each([
    ["by address", BY_URL],
    ["in the body", INLINE],
  ])("reserve the most that a picture %s may come to, at key and backend", async (_name, part) => {
    writesOn(1_500);
    for (const serving of [{ backends: [backend({})], key: tokensOf(300) }, { backends: [backend(tokensOf(300))] }]) {
      await stage.serve(serving);
      const [refused] = await atOnce(1, withPart(part));
      expect([refused?.status, refused?.json().error.code]).toEqual([429, "FB_GATEWAY_LIMIT_TOO_SMALL"]);
      expect(refused?.json().error.message).toMatch(/needs up to 16[45]\d\d tokens/);
    }
    const before = stage.provider.counts.requests;
    // 16,384 a picture: three fit at once, and all of them one after the other.
    await stage.serve({ backends: [backend(tokensOf(60_000))] });
    const replies = await atOnce(8, withPart(part));
    expect(replies.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(2);
    expect(tokens(await records(replies))).toBeLessThanOrEqual(60_000);
    for (let call = 0; call < 8; call += 1) expect((await stage.ask(CHAT, withPart(part))).status).toBe(200);
    expect(stage.provider.counts.requests - before).toBeGreaterThanOrEqual(10);
  });

  it("know what the backend's own rules allow", async () => {
    writesOn(8_000);
    const limits = tokensOf(12_000);
    await stage.serve({ backends: [backend(limits, { provider: "anthropic" })] });
    const anthropic = { headers: { "x-api-key": "fb-key", "anthropic-version": "2023-06-01" } };
    const source = { type: "url", url: "https://example.test/a.png" };
    expect((await stage.ask("/messages", withPart({ type: "image", source }), anthropic)).status).toBe(200);
    await stage.serve({ backends: [{ ...backend(limits, { provider: "openai" }), model: "gpt-4o-mini" }] });
    expect((await stage.ask(CHAT, withPart(BY_URL))).status).toBe(429);
  });

  it("take a document, and a stored conversation, for as much as the backend can read", async () => {
    const file = { type: "file", file: { filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERi0=" } };
    writesOn(90_000);
    await stage.serve({ prices, backends: [backend(dollarsPerDay(150_000))] });
    expect((await stage.ask(CHAT, withPart(file))).status).toBe(429);
    await stage.serve({ prices, backends: [backend(dollarsPerDay(250_000), { contextTokens: 100_000 })] });
    const settled = await records(await atOnce(6, withPart(file)));
    expect(settled).toHaveLength(2);
    expect(spent(settled)).toBeLessThanOrEqual(250_000);
    await stage.serve({ prices, backends: [backend(dollarsPerDay(150_000), { provider: "openai" })] });
    const stored = { input: "and then?", previous_response_id: "resp_1", max_output_tokens: 10 };
    expect((await stage.ask("/responses", stored)).status).toBe(429);
    expect((await stage.ask("/responses", { ...stored, previous_response_id: null })).status).toBe(200);
  });

  it("take a sound by its length at the densest packing", async () => {
    const sound = { type: "input_audio", input_audio: { data: "A".repeat(40_000), format: "mp3" } };
    writesOn(900);
    await stage.serve({ backends: [backend(tokensOf(900))] });
    expect((await stage.ask(CHAT, withPart(sound))).status).toBe(429);
    await stage.serve({ backends: [backend(tokensOf(1_100))] });
    const replies = await atOnce(5, withPart(sound));
    expect(tokens(await records(replies))).toBeLessThanOrEqual(1_100);
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it("are settled at what was reserved when nobody counted, and teach nothing about text", async () => {
    await stage.serve({ backends: [backend({})] });
    stage.provider.set({
      respond: () => ({ status: 200, headers: {}, body: '{"choices":[{"message":{"content":"x"}}]}' }),
    });
    const [guessed] = await records(await atOnce(1, withPart(BY_URL)));
    expect(guessed).toMatchObject({ isEstimated: true });
    expect(guessed?.usage.input).toBeGreaterThanOrEqual(16_384);
    writesOn(1_500);
    const served = await atOnce(150, withPart(BY_URL));
    expect(served.every(({ status }) => status === 200)).toBe(true);
    stage.provider.set({
      respond: () => ({ status: 200, headers: {}, body: '{"choices":[{"message":{"content":"x"}}]}' }),
    });
    // Calls carry whole milliseconds: this one begins in another than those before.
    since = Date.now() + 1;
    await vi.waitUntil(() => Date.now() >= since, { interval: 1 });
    const [text] = await records(await atOnce(1, TEXT));
    expect(text?.usage.input).toBeLessThan(60);
  });
});
