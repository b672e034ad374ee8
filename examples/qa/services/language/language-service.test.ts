import { createServer } from "node:net";
import type { ServerResponse } from "node:http";
import { once } from "node:events";
import { expect, onTestFinished, test } from "vitest";
import { createUpstream } from "../shared/upstream.ts";
import { json, startFake } from "../testing/start-fake.ts";
import type { Fake, SeenRequest } from "../testing/start-fake.ts";
import { createMemoryLog, startService } from "../testing/start-service.ts";
import { createChatModel } from "./chat-model.ts";
import { createLanguageService } from "./language-service.ts";

const passages = [
  { id: "ai", title: "What is AI? | Define AI", text: "AI is a field.", score: 2 },
  { id: "ml", title: "What is ML?", text: "ML learns from data.", score: 1 },
];

interface Setup {
  readonly url: string;
  readonly database: Fake;
  readonly model: Fake;
}

interface SetupOptions {
  readonly found?: (request: SeenRequest) => unknown[];
  readonly reply?: (request: SeenRequest, response: ServerResponse) => void | Promise<void>;
  readonly timeoutMs?: number;
}

async function setUp({
  found = () => passages,
  reply = replyWith("AI is a field [1]."),
  timeoutMs,
}: SetupOptions): Promise<Setup> {
  const database = await startFake((request, response) => json(response, 200, { passages: found(request) }));
  const model = await startFake(reply);
  const service = createLanguageService({
    database: createUpstream({ baseUrl: database.url, timeoutMs: 2_000 }),
    model: createChatModel({
      baseUrl: `${model.url}/v1`,
      model: "chat",
      apiKey: "key",
      timeoutMs: timeoutMs ?? 5_000,
    }),
    log: createMemoryLog().log,
  });
  const { url } = await startService(service);
  onTestFinished(() => {
    database.stop();
    model.stop();
  });
  return { url, database, model };
}

function replyWith(text: string, more: object = {}): (request: SeenRequest, response: ServerResponse) => void {
  return (_, response) =>
    json(response, 200, {
      id: "1",
      object: "chat.completion",
      model: "tiny-1",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: text } }],
      ...more,
    });
}

function chunk(content: string | null, more: object = {}): string {
  const choice = {
    index: 0,
    delta: content === null ? {} : { role: "assistant", content },
    finish_reason: content === null ? "stop" : null,
  };
  const body = {
    id: "1",
    object: "chat.completion.chunk",
    model: "tiny-1",
    choices: [choice],
    ...more,
  };
  return `data: ${JSON.stringify(body)}\n\n`;
}

function ask(url: string, question: unknown, init: RequestInit = {}): Promise<Response> {
  const headers = {
    "content-type": "application/json",
    ...(init.headers as Record<string, string> | undefined),
  };
  return fetch(`${url}/answer`, {
    method: "POST",
    body: JSON.stringify({ question }),
    ...init,
    headers,
  });
}

const asStream = { headers: { accept: "text/event-stream" } };

test("an answer comes with the passages that it cites, in the order of citation", async () => {
  const { url, model } = await setUp({
    reply: replyWith("It learns [2], as a field does [1][2]."),
  });
  const response = await ask(url, "What is AI?");
  expect(await response.json()).toEqual({
    answer: "It learns [2], as a field does [1][2].",
    answerable: true,
    sources: [
      { id: "ml", title: "What is ML?", number: 2 },
      { id: "ai", title: "What is AI?", number: 1 },
    ],
    model: "tiny-1",
    answered_by: "tiny-1",
  });
  expect(model.seen[0]).toMatchObject({
    url: "/v1/chat/completions",
    headers: { authorization: "Bearer key" },
    body: { model: "chat", stream: false },
  });
});

test("the last message is the passages and the question, in the language of the question", async () => {
  const { url, model, database } = await setUp({});
  await ask(url, "What\n\nis AI?");
  await ask(url, "什么是 AI？");
  const users = model.seen.map(({ body }) => (body as { messages: { content: string }[] }).messages.at(-1)?.content);
  const listed = "[1] What is AI? | Define AI\nAI is a field.\n\n[2] What is ML?\nML learns from data.";
  expect(users).toEqual([`Passages:\n${listed}\n\nQuestion: What is AI?`, `资料：\n${listed}\n\n问题：什么是 AI？`]);
  const systems = model.seen.map(({ body }) => (body as { messages: { content: string }[] }).messages[0]?.content);
  expect(systems[0]).toMatch(/say exactly: I cannot answer this question\.$/);
  expect(systems[1]).toMatch(/无法回答该问题。$/);
  expect(database.seen.map(({ url: path }) => new URLSearchParams(path.split("?")[1]).get("language"))).toEqual([
    "en",
    "zh",
  ]);
});

test("answered_by is the upstream's own word where it has one", async () => {
  const { url } = await setUp({ reply: replyWith("x [1]", { answered_by: "extractive" }) });
  expect(await (await ask(url, "What is AI?")).json()).toMatchObject({
    answered_by: "extractive",
    model: "tiny-1",
  });
});

test.each(["I cannot answer this question.", "无法回答该问题。", " “I cannot answer this question.” [1]", ""])(
  "the reply %j is no answer",
  async (text) => {
    const { url } = await setUp({ reply: replyWith(text) });
    const body = { answer: "I cannot answer this question.", answerable: false, sources: [] };
    expect(await (await ask(url, "What is AI?")).json()).toMatchObject(body);
  },
);

test("without passages in either language the model is not asked", async () => {
  const { url, model, database } = await setUp({ found: () => [] });
  const body = { answer: "无法回答该问题。", answerable: false, sources: [], answered_by: "none" };
  expect(await (await ask(url, "什么是 AI？")).json()).toMatchObject(body);
  expect(await (await ask(url, "什么是 AI？", asStream)).text()).toContain("event: done");
  expect([database.seen.length, model.seen.length]).toEqual([4, 0]);
});

test("passages of the other language are used when the question's own has none", async () => {
  const { url } = await setUp({
    found: (request) => (request.url.endsWith("language=en") ? passages : []),
  });
  expect(await (await ask(url, "什么是 AI？")).json()).toMatchObject({ answerable: true });
});

test("a long question is searched by its begin and its end", async () => {
  const { url, database } = await setUp({});
  await ask(url, `begin ${"x".repeat(1_800)} end`);
  const query = new URLSearchParams(database.seen[0]?.url.split("?")[1]).get("query") ?? "";
  expect(query.length).toBeLessThanOrEqual(401);
  expect(query).toMatch(/^begin .* xxx.* end$|^begin .*xxx end$/);
});

test("a stream gives the pieces as they come, then the whole", async () => {
  const more = Promise.withResolvers<void>();
  const { url } = await setUp({
    reply: async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk("AI is ", { answered_by: "extractive" }));
      await more.promise;
      response.end(`${chunk("a field [1].")}${chunk(null)}data: [DONE]\n\n`);
    },
  });
  const response = await ask(url, "What is AI?", asStream);
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect((await reader?.read())?.value).toBe('event: delta\ndata: {"text":"AI is "}\n\n');
  more.resolve();
  let rest = "";
  for (let part = await reader?.read(); part?.done === false; part = await reader?.read()) rest += part.value;
  expect(rest).toContain('event: delta\ndata: {"text":"a field [1]."}');
  expect(rest).toMatch(/event: done\ndata: \{"answer":"AI is a field \[1\]\.","answerable":true.*"extractive"\}/);
});

test("a stream of the model that breaks off after its first piece ends in an error event", async () => {
  const { url } = await setUp({
    reply: (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.end(chunk("AI is "));
    },
  });
  const text = await (await ask(url, "What is AI?", asStream)).text();
  expect(text).toContain("event: error");
  expect(text).not.toContain("event: done");
});

test.each([[{}], [asStream]])("errors of the gateway pass through with code and retry-after (%j)", async (init) => {
  const { url, model } = await setUp({
    reply: (_, response) =>
      json(response, 503, { error: { code: "FB_POOL_EMPTY", message: "No endpoint." } }, { "retry-after": "2" }),
  });
  const response = await ask(url, "What is AI?", init);
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "2"]);
  expect(await response.json()).toEqual({
    error: { code: "FB_POOL_EMPTY", message: "No endpoint." },
  });
  expect(model.seen).toHaveLength(1);
});

test.each([
  [429, 429, "QA_MODEL_BUSY"],
  [401, 502, "QA_MODEL_REFUSED"],
  [500, 502, "QA_MODEL_REFUSED"],
])("a model's status %d without a code becomes %d %s, after one try", async (sent, status, code) => {
  const { url, model } = await setUp({ reply: (_, response) => json(response, sent, {}) });
  const response = await ask(url, "What is AI?");
  expect([response.status, await response.json()]).toMatchObject([status, { error: { code } }]);
  expect(model.seen).toHaveLength(1);
});

test.each([[{}], [asStream]])("a model that does not answer in time is a 504 (%j)", async (init) => {
  const { url, model } = await setUp({ reply: () => undefined, timeoutMs: 400 });
  const response = await ask(url, "What is AI?", init);
  expect([response.status, await response.json()]).toMatchObject([504, { error: { code: "QA_MODEL_TIMEOUT" } }]);
  expect(model.seen).toHaveLength(1);
});

test("a model that nobody serves is a 502", async () => {
  const { url, model } = await setUp({});
  model.stop();
  const response = await ask(url, "What is AI?");
  expect([response.status, await response.json()]).toMatchObject([502, { error: { code: "QA_MODEL_UNREACHABLE" } }]);
});

test.each([[{}], [asStream]])("the model call ends when the client leaves (%j)", async (init) => {
  const closed = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { url } = await setUp({
    reply: (_, response) => {
      response.once("close", closed.resolve);
      arrived.resolve();
    },
  });
  const left = new AbortController();
  const answer = ask(url, "What is AI?", { ...init, signal: left.signal }).catch(() => null);
  await arrived.promise;
  left.abort();
  await closed.promise;
  await answer;
});

test("the connection to the model is kept", async () => {
  const { url, model } = await setUp({});
  for (let count = 0; count < 4; count += 1) await (await ask(url, "What is AI?")).json();
  expect([model.seen.length, model.connectionCount()]).toEqual([4, 1]);
});

test("a database that fails is a typed 502, and a question that is none a 400", async () => {
  const silent = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1");
  await once(silent, "listening");
  const service = createLanguageService({
    database: createUpstream({
      baseUrl: `http://127.0.0.1:${(silent.address() as { port: number }).port}`,
      timeoutMs: 500,
    }),
    model: createChatModel({
      baseUrl: "http://127.0.0.1:1/v1",
      model: "m",
      apiKey: "k",
      timeoutMs: 500,
    }),
    log: createMemoryLog().log,
  });
  const { url } = await startService(service);
  onTestFinished(() => void silent.close());
  const failed = await ask(url, "What is AI?");
  expect([failed.status, await failed.json()]).toMatchObject([502, { error: { code: "QA_DATABASE_UNREACHABLE" } }]);
  for (const question of ["", "  ", 7, null]) expect((await ask(url, question)).status).toBe(400);
});
