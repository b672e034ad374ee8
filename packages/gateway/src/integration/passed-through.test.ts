// Calls that only a backend of the same API can answer: forms and the counting of tokens. What arrives there is what the client wrote but
// for the model's name, and the client gets the backend's bytes.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createModelStage, type ModelStage } from "../testdata/model-stage.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: ModelStage;
beforeAll(async () => {
  stage = await createModelStage(2);
});
afterAll(() => stage.dispose());
afterEach(() => stage.upstreams.forEach((upstream) => upstream.reset()));

/** All bytes there are, line ends and what looks like a boundary among them. */
const BINARY = Buffer.concat([
  Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
  Buffer.from("\r\n--not-b\r\n--\r\n"),
  Buffer.alloc(700_000, "\u0000\r\n-"),
]);
const BOUNDARY = "----form:b'0(1)+_,-./=?";
const FORM_TYPE = `multipart/form-data; charset=utf-8; boundary="${BOUNDARY}"`;

function form(model: string, file: string): Buffer {
  const part = (head: string, body: Buffer | string): Buffer =>
    Buffer.concat([Buffer.from(`--${BOUNDARY}\r\n${head}\r\n\r\n`), Buffer.from(body), Buffer.from("\r\n")]);
  return Buffer.concat([
    part(
      `Content-Disposition: form-data; name="${file}"; filename="模型 \\"a\\".bin"\r\nContent-Type: application/x`,
      BINARY,
    ),
    part('content-disposition: form-data; name="prompt"', 'name="model"\r\n\r\nchat'),
    part('Content-Disposition:form-data;name="model"', model),
    part('Content-Disposition: form-data; name="temperature"', "1.0"),
    Buffer.from(`--${BOUNDARY}--\r\nepilogue`),
  ]);
}

describe("a form", () => {
  it.each([
    ["/v1/audio/transcriptions", "file"],
    ["/v1/audio/translations", "file"],
    ["/v1/images/edits", "image"],
    ["/v1/images/variations", "image"],
  ])("%s arrives byte by byte but for the model's name, and its answer comes back so", async (path, file) => {
    await stage.serve({ chat: { backends: [stage.provider(0, "openai", { model: "whisper-1" })] } });
    const headers = { "content-type": "application/octet-stream", "x-told": "by the provider" };
    stage.upstreams[0]?.set({ respond: () => ({ status: 200, headers, body: BINARY }) });
    const body = form("chat", file);
    const reply = await stage.ask("chat", {}, { path, body, headers: { "content-type": FORM_TYPE } });
    expect(reply.status).toBe(200);
    expect(reply.body.equals(BINARY)).toBe(true);
    expect(reply.headers["x-told"]).toBe("by the provider");
    const [asked] = stage.asked(0);
    expect([asked?.url, asked?.headers["content-type"]]).toEqual([path, FORM_TYPE]);
    expect(asked?.headers["content-length"]).toBe(String(form("whisper-1", file).length));
    expect(asked?.body.equals(form("whisper-1", file))).toBe(true);
  });

  it("goes whole to the next backend, under its name of the model, when the first one fails", async () => {
    const backends = [stage.provider(0, "openai", { model: "whisper-1" }), stage.provider(1, "openai", { model: "w" })];
    await stage.serve({ chat: { backends } });
    stage.upstreams[0]?.set({ fault: { kind: "reset" } });
    const path = "/v1/audio/transcriptions";
    const body = form("chat", "file");
    const reply = await stage.ask("chat", {}, { path, body, headers: { "content-type": FORM_TYPE } });
    expect(reply.status).toBe(200);
    expect(stage.asked(1)[0]?.body.equals(form("w", "file"))).toBe(true);
  });
});

describe("the counting of tokens", () => {
  const PATH = "/v1/messages/count_tokens";
  const HEADERS = { "x-api-key": "fb-key", "anthropic-version": "2023-06-01", "anthropic-beta": "token-counting-1" };
  const text = (model: string): Buffer =>
    Buffer.from(
      `{ "messages" : [{"role":"user","content":"模型 \\u00e9"}],\n\t"model":"${model}", "n":9007199254740993, "t":1.0, "unknown":{"a":[]}}`,
    );

  it("arrives byte by byte but for the model's name, and its answer comes back so", async () => {
    await stage.serve({ chat: { backends: [stage.provider(0, "anthropic", { model: "claude-haiku-4-5" })] } });
    const answer = '{ "input_tokens":9007199254740993, "more" : 1.0 }';
    const headers = { "content-type": "application/json" };
    stage.upstreams[0]?.set({ respond: () => ({ status: 200, headers, body: answer }) });
    const reply = await stage.ask("chat", {}, { path: PATH, body: text("chat"), headers: HEADERS });
    expect([reply.status, reply.text]).toEqual([200, answer]);
    const [asked] = stage.asked(0);
    expect(asked?.body.toString()).toBe(text("claude-haiku-4-5").toString());
    expect([asked?.url, asked?.headers["anthropic-beta"]]).toEqual([PATH, "token-counting-1"]);
    expect(asked?.headers["x-api-key"]).toBeUndefined();
  });

  it("is done by the /tokenize of vLLM, with the chat that would be sent, and costs nothing", async () => {
    await stage.serve({ chat: { backends: [{ ...stage.pool([0], { traits: "vllm" }), model: "qwen" }] } });
    const headers = { "content-type": "application/json" };
    const counted = { count: 12, max_model_len: 4_096, tokens: [1, 2] };
    stage.upstreams[0]?.set({ respond: () => ({ status: 200, headers, body: JSON.stringify(counted) }) });
    const tools = [{ name: "look", input_schema: { type: "object", properties: {} } }];
    const body = JSON.stringify({
      model: "chat",
      system: "be brief",
      messages: [{ role: "user", content: "x" }],
      tools,
    });
    const reply = await stage.ask("chat", {}, { path: PATH, body: Buffer.from(body), headers: HEADERS });
    expect([reply.status, reply.text]).toEqual([200, '{"input_tokens":12}']);
    const [asked] = stage.asked(0);
    expect(asked?.url).toBe("/tokenize");
    expect(JSON.parse(asked?.body.toString() ?? "")).toMatchObject({
      model: "qwen",
      messages: [
        { role: "system", content: "be brief" },
        { role: "user", content: "x" },
      ],
      tools: [{ type: "function", function: { name: "look" } }],
    });
  });

  it("says so when that counts nothing, and does not ask it for pictures", async () => {
    await stage.serve({ chat: { backends: [stage.pool([0], { traits: "vllm" })] } });
    const headers = { "content-type": "application/json" };
    stage.upstreams[0]?.set({ respond: () => ({ status: 200, headers, body: '{"tokens":[1]}' }) });
    const ask = (body: string) => stage.ask("chat", {}, { path: PATH, body: Buffer.from(body), headers: HEADERS });
    expect((await ask('{"model":"chat","messages":[{"role":"user","content":"x"}]}')).status).toBe(502);
    const before = stage.counts();
    const source = { type: "base64", media_type: "image/png", data: "AAAA" };
    const messages = [{ role: "user", content: [{ type: "image", source }] }];
    expect((await ask(JSON.stringify({ model: "chat", messages }))).status).toBe(400);
    expect(stage.counts()).toEqual(before);
  });

  it("arrives byte by byte at llama.cpp, which has the path", async () => {
    await stage.serve({ chat: { backends: [{ ...stage.pool([0], { traits: "llama-cpp" }), model: "gguf" }] } });
    const reply = await stage.ask("chat", {}, { path: PATH, body: text("chat"), headers: HEADERS });
    expect(reply.status).toBe(200);
    expect([stage.asked(0)[0]?.url, stage.asked(0)[0]?.body.toString()]).toEqual([PATH, text("gguf").toString()]);
  });

  it("is asked of no backend of another API", async () => {
    const backends = [stage.provider(0, "openai"), stage.provider(1, "anthropic", { model: "claude-haiku-4-5" })];
    await stage.serve({ chat: { backends }, openai: { backends: [stage.provider(0, "openai")] } });
    const ask = (model: string) => stage.ask(model, {}, { path: PATH, body: text(model), headers: HEADERS });
    expect((await ask("chat")).status).toBe(200);
    expect(stage.counts()).toEqual([0, 1]);
    expect((await ask("openai")).status).toBeGreaterThanOrEqual(400);
    expect(stage.counts()).toEqual([0, 1]);
  });
});
