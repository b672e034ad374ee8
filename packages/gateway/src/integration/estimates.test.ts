// What stands in the ledger where nobody counted, where only a part was counted, and where something else than text was made.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { LedgerRecord, LimitPolicy } from "@flyball/core";
import { DEFAULT_MODEL, type ModelBehaviour } from "@flyball/fakes";
import { createProviderStage, perMinute, type ProviderStage } from "../testdata/provider-stage.ts";
import type { Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

let stage: ProviderStage;
let since = 0;

beforeAll(async () => {
  stage = await createProviderStage();
});
afterAll(() => stage?.dispose());
beforeEach(() => {
  stage.provider.reset();
  since = Date.now();
});

/** The record of the newest of so many calls since the test began. */
async function record(calls = 1): Promise<LedgerRecord> {
  const records = await vi.waitFor(async () => {
    const found = (await stage.settled(0)).filter(({ time }) => time >= since);
    expect(found).toHaveLength(calls);
    return found;
  });
  return records.toSorted((left, right) => left.time - right.time).at(-1) as LedgerRecord;
}

/** A token a piece, as engines stream. */
function words(count: number, usage?: ModelBehaviour["usage"]): ModelBehaviour {
  const pieces = Array.from({ length: count }, (_, index) => ` word${index}`);
  return { ...DEFAULT_MODEL, parts: [{ kind: "text", pieces }], usage };
}

const ANTHROPIC = { "x-api-key": "fb-key", "anthropic-version": "2023-06-01" };
const MESSAGES = { messages: [{ role: "user", content: "count" }] };
/** Every dialect, and one that is translated. */
const FACES = [
  { name: "chat", provider: "openai", path: "/chat/completions", body: MESSAGES, headers: {} },
  { name: "completions", provider: "openai", path: "/completions", body: { prompt: "count" }, headers: {} },
  { name: "responses", provider: "openai", path: "/responses", body: { input: "count" }, headers: {} },
  {
    name: "messages",
    provider: "anthropic",
    path: "/messages",
    body: { ...MESSAGES, max_tokens: 9_000 },
    headers: ANTHROPIC,
  },
  {
    name: "chat for an Anthropic backend",
    provider: "anthropic",
    path: "/chat/completions",
    body: MESSAGES,
    headers: {},
  },
] as const;
type Face = (typeof FACES)[number];

const stream = ({ path, body, headers }: Face): Promise<Reply> =>
  stage.ask(path, { ...body, stream: true }, { headers });

/** A client that leaves after so many words. */
async function leaveAfter(face: Face, count: number): Promise<void> {
  const trouble = { atPiece: count, kind: "stall" } as const;
  stage.provider.set({ model: { ...words(400, { input: 7, cached: 0, output: 400, reasoning: 0 }), trouble } });
  const request = stage.open(face.path, { ...face.body, stream: true }, { headers: face.headers });
  await new Promise<void>((resolve, reject) => {
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      response.on("error", () => undefined);
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (!text.includes(`word${count - 1}`)) return;
        request.destroy();
        resolve();
      });
    });
  });
}

describe.each(FACES)("$name: a stream that its client left after 20 tokens", (face) => {
  it("is settled at no less than was delivered and not at several times as much, whatever came before it", async () => {
    await stage.serve({ backends: [{ provider: face.provider, model: `fresh-${face.name}` }] });
    await leaveAfter(face, 20);
    const first = await record();
    expect(first).toMatchObject({ outcome: "cancelled", isEstimated: true, estimateReason: "not-reported" });
    // 130 bytes at half a token, before anything was learned.
    expect(first.usage.output).toBeGreaterThanOrEqual(20);
    expect(first.usage.output).toBeLessThan(90);

    stage.provider.set({ model: words(60, { input: 7, cached: 0, output: 60, reasoning: 0 }) });
    for (let round = 0; round < 30; round += 1) await Promise.all(Array.from({ length: 10 }, () => stream(face)));
    await Promise.all(Array.from({ length: 3 }, () => stage.ask(face.path, face.body, { headers: face.headers })));
    await leaveAfter(face, 20);
    const later = await record(305);
    expect(later.usage.output).toBeGreaterThanOrEqual(20);
    expect(later.usage.output).toBeLessThan(33);
  });
});

/** A limit of its own: another window is another counter. */
const thousandIn = (windowMs: number): Partial<LimitPolicy> => ({
  rates: [{ unit: "tokens", limit: 1_000, windowMs }],
});

describe("a stream without a bound", () => {
  const CHAT = FACES[0];

  it.each([3_000, 10_000])("goes on to its end while its tokens last, at %i a minute", async (limit) => {
    stage.provider.set({ model: words(400) });
    await stage.serve({ key: perMinute("tokens", limit), backends: [{ provider: "openai", model: `new-${limit}` }] });
    const { text } = await stream(CHAT);
    expect(text).toContain("word399");
    expect(text).toContain("[DONE]");
    expect(text).not.toContain("FB_GATEWAY_STREAM_SPENT");
  });

  it("is cut when they are spent: early before anything is known of the model, just before the limit afterwards", async () => {
    const backends = [{ provider: "openai", model: "cut" }];
    const pieces = (text: string): number => text.match(/ word/g)?.length ?? 0;
    stage.provider.set({ model: words(4_000) });
    await stage.serve({ key: thousandIn(61_000), backends });
    const early = await stream(CHAT);
    expect(early.text).toContain("FB_GATEWAY_STREAM_SPENT");
    expect(early.text).toContain("the key key-fb-key");
    expect(early.text).not.toContain("[DONE]");
    // Nine bytes a token, taken for four and a half tokens.
    expect(pieces(early.text)).toBeGreaterThan(180);
    expect((await record()).usage.output).toBeLessThan(1_000);

    stage.provider.set({ model: words(200, { input: 7, cached: 0, output: 200, reasoning: 0 }) });
    await stage.serve({ backends });
    for (let round = 0; round < 30; round += 1) await Promise.all(Array.from({ length: 10 }, () => stream(CHAT)));
    stage.provider.set({ model: words(4_000) });
    await stage.serve({ key: thousandIn(59_000), backends });
    const { text } = await stream(CHAT);
    expect(text).toContain("FB_GATEWAY_STREAM_SPENT");
    expect(pieces(text)).toBeGreaterThan(750);
    expect(pieces(text)).toBeLessThan(1_000);
  });

  it("is cut as well when the money of its backend is spent, and says whose", async () => {
    stage.provider.set({ model: words(4_000) });
    // 0.60 dollars a million: 1,000 tokens are 600 micro-dollars.
    const limits = { rates: [], budgets: [{ currency: "usd", microUnits: 600, per: "day" }] } as const;
    const policy = { ...limits, ratesOnStoreLoss: "local-share", budgetsOnStoreLoss: "refuse" } as const;
    await stage.serve({ backends: [{ provider: "openai", limits: policy }] });
    const { text } = await stream(CHAT);
    expect(text).toContain("FB_GATEWAY_STREAM_SPENT");
    expect(text).toContain("the backend chat/0");
    expect((await record()).cost.usd).toBeLessThanOrEqual(600);
  });
});

const BINARY = { "content-type": "audio/mpeg" };
const JSON_TYPE = { "content-type": "application/json" };
const answers = (headers: Record<string, string>, body: string | Buffer): void =>
  stage.provider.set({ respond: () => ({ status: 200, headers, body }) });

describe("what is no text", () => {
  const drawn = (bytes: number): string =>
    JSON.stringify({
      created: 1,
      data: [{ b64_json: "A".repeat(bytes) }],
      usage: {
        input_tokens: 50,
        output_tokens: 1_056,
        total_tokens: 1_106,
        input_tokens_details: { text_tokens: 10, image_tokens: 40 },
      },
    });

  it.each([200, 2_000_000])("pictures count what their provider reports, of %i bytes too", async (bytes) => {
    await stage.serve({ backends: [{ provider: "openai", model: "gpt-image-1" }] });
    answers(JSON_TYPE, drawn(bytes));
    expect((await stage.ask("/images/generations", { prompt: "a governor" })).body.length).toBe(drawn(bytes).length);
    expect(await record()).toMatchObject({ isEstimated: false, usage: { input: 10, imageInput: 40, output: 1_056 } });
  });

  it("pictures in a stream count what the last event reports, and come through as they are", async () => {
    await stage.serve({ backends: [{ provider: "openai", model: "gpt-image-1" }] });
    const partial = `event: image_generation.partial_image\ndata: {"type":"image_generation.partial_image","b64_json":"${"A".repeat(90_000)}"}\n\n`;
    const done = `event: image_generation.completed\ndata: {"type":"image_generation.completed",${drawn(400).slice(1)}\n\n`;
    answers({ "content-type": "text/event-stream" }, partial + done);
    const reply = await stage.ask("/images/generations", { prompt: "a governor", stream: true, partial_images: 1 });
    expect(reply.text).toBe(partial + done);
    expect(await record()).toMatchObject({ outcome: "answered", isEstimated: false, usage: { output: 1_056 } });
  });

  it("speech of 200 kB that nobody counted is no hundred thousand tokens", async () => {
    await stage.serve({ backends: [{ provider: "openai", model: "tts-1" }] });
    answers(BINARY, Buffer.alloc(200_000, 0xff));
    const reply = await stage.ask("/audio/speech", { input: "A governor turns the valve.", voice: "alloy" });
    expect(reply.body.length).toBe(200_000);
    const { usage, isEstimated } = await record();
    expect(isEstimated).toBe(true);
    expect(usage.output).toBeLessThan(1_000);
  });

  it("a transcript counts what its provider reports, streamed or not", async () => {
    await stage.serve({ backends: [{ provider: "openai", model: "gpt-4o-transcribe" }] });
    const usage = { type: "tokens", input_tokens: 140, output_tokens: 45, input_token_details: { audio_tokens: 138 } };
    const form = [
      '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nchat\r\n',
      `--b\r\ncontent-disposition: form-data; name="file"; filename="a.mp3"\r\n\r\n${"\0".repeat(60_000)}\r\n--b--\r\n`,
    ].join("");
    const more = { raw: Buffer.from(form), headers: { "content-type": "multipart/form-data; boundary=b" } };
    answers(JSON_TYPE, JSON.stringify({ text: "a governor", usage }));
    await stage.ask("/audio/transcriptions", {}, more);
    const expected = { isEstimated: false, usage: { input: 2, audioInput: 138, output: 45 } };
    expect(await record()).toMatchObject(expected);
    const events = [
      { type: "transcript.text.delta", delta: "a" },
      { type: "transcript.text.done", text: "a governor", usage },
    ];
    const sent = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
    answers({ "content-type": "text/event-stream" }, sent);
    expect((await stage.ask("/audio/transcriptions", {}, more)).text).toBe(sent);
    expect(await record(2)).toMatchObject(expected);
  });

  it("vectors and verdicts put nothing out, and are counted by their total where that is all that is told", async () => {
    await stage.serve({});
    const vectors = { object: "list", data: [{ embedding: Array.from({ length: 60_000 }, () => 0.123) }] };
    answers(JSON_TYPE, JSON.stringify(vectors));
    await stage.ask("/embeddings", { input: "a governor turns the valve" });
    const { usage, isEstimated } = await record();
    expect([isEstimated, usage.output]).toEqual([true, 0]);
    expect(usage.input).toBeLessThan(60);
    answers(JSON_TYPE, JSON.stringify({ ...vectors, usage: { prompt_tokens: 6, total_tokens: 6 } }));
    await stage.ask("/embeddings", { input: "a governor turns the valve" });
    expect(await record(2)).toMatchObject({ isEstimated: false, usage: { input: 6, output: 0 } });
    answers(JSON_TYPE, JSON.stringify({ results: [], usage: { total_tokens: 31 } }));
    await stage.ask("/rerank", { query: "x", documents: ["a"] });
    expect(await record(3)).toMatchObject({ isEstimated: false, usage: { input: 31, output: 0 } });
  });

  it("the counting of tokens uses none", async () => {
    await stage.serve({ backends: [{ provider: "anthropic", model: "claude-haiku-4-5" }] });
    await stage.ask("/messages/count_tokens", MESSAGES, { headers: ANTHROPIC });
    expect(await record()).toMatchObject({ isEstimated: false, usage: { input: 0, output: 0 }, cost: { usd: 0 } });
  });
});
