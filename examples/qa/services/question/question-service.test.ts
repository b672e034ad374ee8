import type { ServerResponse } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { createUpstream } from "../shared/upstream.ts";
import { json, startFake } from "../testing/start-fake.ts";
import type { Fake, SeenRequest } from "../testing/start-fake.ts";
import { createMemoryLog, startService } from "../testing/start-service.ts";
import type { RunningServer } from "../shared/serve.ts";
import { createQuestionService } from "./question-service.ts";

type Reply = (request: SeenRequest, response: ServerResponse) => void | Promise<void>;

interface Setup {
  readonly server: RunningServer;
  readonly url: string;
  readonly database: Fake;
  readonly language: Fake;
  readonly lines: readonly Record<string, unknown>[];
  /** Resolves when the database was sent a candidate. */
  readonly stored: Promise<SeenRequest>;
}

interface SetupOptions {
  readonly known?: Reply;
  readonly store?: Reply;
  readonly answer?: Reply;
  readonly timeoutMs?: number;
}

const modelAnswer = {
  answer: "A field [1].",
  answerable: true,
  sources: [{ id: "ai", title: "What is AI?", number: 1 }],
  model: "tiny-1",
  answered_by: "extractive",
};

async function setUp(options: SetupOptions): Promise<Setup> {
  const stored = Promise.withResolvers<SeenRequest>();
  const known = options.known ?? ((_, response) => json(response, 200, { found: false }));
  const store = options.store ?? ((_, response) => json(response, 201, {}));
  const database = await startFake(async (request, response) => {
    await (request.method === "GET" ? known : store)(request, response);
    if (request.method === "POST") stored.resolve(request);
  });
  const language = await startFake(options.answer ?? ((_, response) => json(response, 200, modelAnswer)));
  onTestFinished(() => {
    database.stop();
    language.stop();
  });
  const timeoutMs = options.timeoutMs ?? 5_000;
  const { log, lines } = createMemoryLog();
  const service = createQuestionService({
    database: createUpstream({ baseUrl: database.url, timeoutMs }),
    language: createUpstream({ baseUrl: language.url, timeoutMs }),
    log,
    revision: "7",
  });
  const server = await startService(service, log);
  return { server, url: server.url, database, language, lines, stored: stored.promise };
}

function ask(url: string, question: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}/ask`, { method: "POST", body: new URLSearchParams({ question }), ...init });
}

const asStream = { headers: { accept: "text/event-stream" } };

test("a known question is answered by the database and never reaches the model", async () => {
  const known = {
    found: true,
    source: "knowledge",
    id: "ai",
    question: "What is AI?",
    answer: "A field.",
    sources: [{ id: "ai", title: "What is AI?" }],
  };
  const { url, language } = await setUp({ known: (_, response) => json(response, 200, known) });
  expect(await (await ask(url, "what's AI")).json()).toEqual({
    question: "what's AI",
    answer: "A field.",
    answerable: true,
    source: "knowledge",
    answered_by: "knowledge",
    sources: [{ id: "ai", title: "What is AI?" }],
    language: "en",
  });
  const stream = await (await ask(url, "what's AI", asStream)).text();
  expect(stream).toMatch(/^event: delta\ndata: \{"text":"A field\."\}\n\nevent: done\ndata: \{"question"/);
  expect(language.seen).toHaveLength(0);
});

test("any other question is answered by the model, and the answer is stored as a candidate", async () => {
  const { url, language, stored } = await setUp({});
  const body = await (await ask(url, "人工智能与机器学习有何关系？")).json();
  expect(body).toMatchObject({
    source: "model",
    answered_by: "extractive",
    language: "zh",
    sources: modelAnswer.sources,
  });
  expect(language.seen[0]).toMatchObject({
    url: "/answer",
    body: { question: "人工智能与机器学习有何关系？" },
  });
  expect((await stored).body).toEqual({
    question: "人工智能与机器学习有何关系？",
    answer: "A field [1].",
    model: "extractive",
    revision: "7",
    sources: modelAnswer.sources,
  });
});

test("JSON is taken as well as a form", async () => {
  const { url, language } = await setUp({});
  const headers = { "content-type": "application/json" };
  await ask(url, "", { headers, body: JSON.stringify({ question: "What is AI?" }) });
  expect(language.seen[0]?.body).toEqual({ question: "What is AI?" });
});

test("what nobody knows is said so, with status 200, and not stored", async () => {
  const refusal = {
    answer: "无法回答该问题。",
    answerable: false,
    sources: [],
    model: "none",
    answered_by: "none",
  };
  const { server, url, database } = await setUp({
    answer: (_, response) => json(response, 200, refusal),
  });
  const response = await ask(url, "谁是第一个登上冥王星的人？");
  expect([response.status, await response.json()]).toMatchObject([
    200,
    { answer: "无法回答该问题。", answerable: false, source: "none" },
  ]);
  await server.drain();
  expect(database.seen.filter(({ method }) => method === "POST")).toEqual([]);
});

test("a failure to store a candidate is logged and nothing else", async () => {
  const { server, url, lines } = await setUp({ store: (_, response) => json(response, 500, {}) });
  expect((await ask(url, "What is AI?")).status).toBe(200);
  await server.drain();
  expect(lines).toContainEqual(expect.objectContaining({ event: "candidate-not-stored", status: 500 }));
});

test("a drain waits for candidates on their way", async () => {
  const release = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { server, url } = await setUp({
    store: async (_, response) => {
      arrived.resolve();
      await release.promise;
      json(response, 201, {});
    },
  });
  await ask(url, "What is AI?");
  await arrived.promise;
  let isDrained = false;
  const drained = server.drain().then(() => (isDrained = true));
  await expect(fetch(`${url}/health`)).rejects.toThrow();
  expect(isDrained).toBe(false);
  release.resolve();
  await drained;
});

test("a stream passes the pieces on, then the whole answer, and keeps it as a candidate", async () => {
  const { url, stored, language } = await setUp({
    answer: (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('event: delta\ndata: {"text":"A "}\n\nevent: delta\ndata: {"text":"field [1]."}\n\n');
      response.end(`event: done\ndata: ${JSON.stringify(modelAnswer)}\n\n`);
    },
  });
  const response = await ask(url, "What is AI?", asStream);
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const events = (await response.text()).trimEnd().split("\n\n");
  expect(events.slice(0, 2)).toEqual([
    'event: delta\ndata: {"text":"A "}',
    'event: delta\ndata: {"text":"field [1]."}',
  ]);
  expect(JSON.parse(events[2]?.replace("event: done\ndata: ", "") ?? "")).toMatchObject({
    source: "model",
    language: "en",
    answer: "A field [1].",
  });
  expect((await stored).body).toMatchObject({ answer: "A field [1]." });
  expect(language.seen[0]?.headers.accept).toBe("text/event-stream");
});

test("a stream that breaks off after its first piece ends in an error event and is not stored", async () => {
  const { server, url, database } = await setUp({
    answer: (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write('event: delta\ndata: {"text":"A "}\n\n', () => response.destroy());
    },
  });
  const text = await (await ask(url, "What is AI?", asStream)).text();
  expect(text).toMatch(/event: error\ndata: \{"code":"QA_LANGUAGE_UNREACHABLE"/);
  expect(text).not.toContain("event: done");
  await server.drain();
  expect(database.seen.filter(({ method }) => method === "POST")).toEqual([]);
});

test.each([[{}], [asStream]])(
  "a typed error of the gateway passes through before anything is sent (%j)",
  async (init) => {
    const error = { error: { code: "FB_UPSTREAM_LOST", message: "It may have been executed." } };
    const { url, language } = await setUp({
      answer: (_, response) => json(response, 502, error, { "retry-after": "1" }),
    });
    const response = await ask(url, "What is AI?", init);
    expect([response.status, response.headers.get("retry-after"), await response.json()]).toEqual([502, "1", error]);
    expect(language.seen).toHaveLength(1);
  },
);

test("a database that is late is a 504, one that is away a 502, both typed", async () => {
  const { url, database } = await setUp({ known: () => undefined, timeoutMs: 400 });
  const late = await ask(url, "What is AI?");
  expect([late.status, await late.json()]).toMatchObject([504, { error: { code: "QA_DATABASE_TIMEOUT" } }]);
  database.stop();
  const away = await ask(url, "What is AI?");
  expect([away.status, await away.json()]).toMatchObject([502, { error: { code: "QA_DATABASE_UNREACHABLE" } }]);
});

test.each([[{}], [asStream]])("the language service hears that the client has left (%j)", async (init) => {
  const closed = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { url } = await setUp({
    answer: (_, response) => {
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

test("a long question is asked of the model only, and not stored", async () => {
  const { server, url, database } = await setUp({});
  expect((await ask(url, "长".repeat(2_000))).status).toBe(200);
  await server.drain();
  expect(database.seen).toEqual([]);
});

test("mistakes are JSON with a code", async () => {
  const { url } = await setUp({});
  const codes = async (response: Response): Promise<unknown[]> => {
    const { error } = (await response.json()) as { error: { code: string } };
    return [response.status, error.code];
  };
  expect(await codes(await ask(url, ""))).toEqual([400, "QA_EMPTY_QUESTION"]);
  expect(await codes(await fetch(`${url}/ask`, { method: "POST" }))).toEqual([400, "QA_EMPTY_QUESTION"]);
  expect(await codes(await fetch(`${url}/ask`))).toEqual([405, "QA_WRONG_METHOD"]);
  expect(await codes(await fetch(`${url}/`, { method: "PUT" }))).toEqual([405, "QA_WRONG_METHOD"]);
  expect(await codes(await fetch(`${url}/nothing`))).toEqual([404, "QA_UNKNOWN_PATH"]);
  expect(await codes(await ask(url, "x".repeat(70_000)))).toEqual([413, "QA_BODY_TOO_LARGE"]);
  expect((await fetch(url)).status).toBe(200);
});
