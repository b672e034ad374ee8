import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createMemoryLog, startService } from "../testing/start-service.ts";
import { createDatabaseService } from "./database-service.ts";
import type { DatabaseServiceOptions } from "./database-service.ts";
import type { Knowledge } from "./knowledge.ts";
import { parseKnowledge } from "./knowledge.ts";

const dayMs = 86_400_000;

const knowledge: Knowledge = {
  hash: "one",
  passages: parseKnowledge(
    JSON.stringify([
      {
        id: "ai",
        en: {
          questions: ["What is AI?", "What is artificial intelligence?"],
          answer: "Machines that do such tasks.",
        },
        zh: { questions: ["什么是人工智能？"], answer: "让机器完成通常需要人类智能的任务。" },
      },
      {
        id: "cache",
        en: {
          questions: ["Why use a cache?"],
          answer: "A cache keeps results that are asked for often.",
        },
        zh: { questions: ["为什么要用缓存？"], answer: "缓存保存经常用到的结果。" },
      },
      {
        id: "memory",
        en: {
          questions: ["What is virtual memory?"],
          answer: "An address space that the system maps.",
        },
        zh: {
          questions: ["什么是虚拟内存？"],
          answer: "由系统映射的地址空间，有时与缓存一起使用。",
        },
      },
    ]),
    "test.json",
  ),
};

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "qa-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function start(options: Partial<DatabaseServiceOptions> = {}): Promise<Client> {
  const service = createDatabaseService({
    folder: options.folder ?? temporaryFolder(),
    knowledge,
    log: createMemoryLog().log,
    now: () => 0,
    servesCandidates: false,
    timeToLiveMs: 30 * dayMs,
    maximumCandidates: 10,
    ...options,
  });
  const { url } = await startService(service);
  const send = async (path: string, body?: unknown): Promise<{ status: number; body: Body }> => {
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    };
    const response = await fetch(url + path, body === undefined ? {} : init);
    return { status: response.status, body: (await response.json()) as Body };
  };
  return {
    get: (path, parameters = {}) => send(`${path}?${new URLSearchParams(parameters)}`),
    post: (path, body) => send(path, body),
  };
}

type Body = Record<string, unknown> & {
  passages: { id: string; title: string; score: number }[];
  candidates: { id: number; question: string; answer: string }[];
};

interface Client {
  get(path: string, parameters?: Record<string, string>): Promise<{ status: number; body: Body }>;
  post(path: string, body: unknown): Promise<{ status: number; body: Body }>;
}

const invented = {
  question: "什么是量子缓存？",
  answer: "一种缓存 [1]。",
  model: "m",
  revision: "7",
  sources: [],
};

test("a two-character Chinese word is found, and a passage that only mentions it in its answer is not given beside", async () => {
  const database = await start();
  const { body } = await database.get("/passages", { query: "缓存", language: "zh" });
  expect(body.passages.map(({ id }) => id)).toEqual(["cache"]);
  const mention = await database.get("/passages", { query: "映射", language: "zh" });
  expect(mention.body.passages.map(({ id }) => id)).toEqual(["memory"]);
});

test("a misspelt word is compared as the knowledge base spells it", async () => {
  const database = await start();
  const { body } = await database.get("/passages", { query: "what is artifical intelligence", language: "en" });
  expect(body.passages.map(({ id }) => id)).toEqual(["ai"]);
  const right = await database.get("/passages", { query: "what is artificial intelligence", language: "en" });
  expect(body.passages[0]?.score).toBeCloseTo(right.body.passages[0]?.score ?? 0, 5);
});

test("English is found whatever its form, in its own language only when asked so", async () => {
  const database = await start();
  const { body } = await database.get("/passages", { query: "caching results", language: "en" });
  expect(body.passages.map(({ id }) => id)).toEqual(["cache"]);
  const other = await database.get("/passages", { query: "caching results", language: "zh" });
  expect(other.body.passages).toEqual([]);
});

test("the title of a passage holds the questions most like the query, best first", async () => {
  const database = await start();
  const { body } = await database.get("/passages", { query: "intelligence" });
  expect(body.passages[0]?.title).toBe("What is artificial intelligence? | What is AI?");
});

test("characters with a meaning in the search language are only text", async () => {
  const database = await start();
  for (const query of [`"cache" OR (`, "cache* NEAR/2 ^", "AND OR NOT", "-cache:", "'; DROP TABLE passages"]) {
    expect((await database.get("/passages", { query })).status).toBe(200);
  }
});

test("a known question is answered however it is dressed, and nothing else is", async () => {
  const database = await start();
  for (const question of ["人工智能是什么", "什么是人工智能？", "ＡＩ 是什么？"]) {
    const { body } = await database.get("/answers", { question });
    expect(body).toMatchObject({
      found: true,
      source: "knowledge",
      id: "ai",
      answer: expect.stringMatching("机器"),
    });
  }
  const english = await database.get("/answers", { question: "define artificial intelligence" });
  expect(english.body).toMatchObject({
    found: true,
    id: "ai",
    answer: "Machines that do such tasks.",
  });
  for (const question of ["人工智能有什么用？", "什么是人工", "Who invented AI?"]) {
    expect((await database.get("/answers", { question })).body).toEqual({ found: false });
  }
});

test("a candidate is served only after its approval, and no more after a rejection", async () => {
  const database = await start();
  const { status, body } = await database.post("/answers", invented);
  expect([status, body["state"]]).toEqual([201, "candidate"]);
  const ask = { question: "量子缓存是什么" };
  expect((await database.get("/answers", ask)).body).toEqual({ found: false });
  expect((await database.get("/candidates")).body.candidates).toMatchObject([{ question: invented.question }]);

  expect((await database.post(`/candidates/${String(body["id"])}/approve`, {})).status).toBe(200);
  const served = await database.get("/answers", ask);
  expect(served.body).toMatchObject({
    found: true,
    source: "approved",
    answer: invented.answer,
    model: "m",
  });
  expect((await database.get("/candidates")).body.candidates).toEqual([]);

  await database.post(`/candidates/${String(body["id"])}/reject`, {});
  expect((await database.get("/answers", ask)).body).toEqual({ found: false });
  expect((await database.post("/answers", invented)).body["state"]).toBe("rejected");
});

test("candidates are served unapproved where the setting says so, and are called candidates", async () => {
  const database = await start({ servesCandidates: true });
  await database.post("/answers", invented);
  const { body } = await database.get("/answers", { question: invented.question });
  expect(body).toMatchObject({ found: true, source: "candidate" });
});

test("what a person reviews is not replaced by a second answer of the same model", async () => {
  const database = await start();
  const first = await database.post("/answers", invented);
  const second = await database.post("/answers", { ...invented, answer: "另一个答案" });
  expect(second.body["id"]).toBe(first.body["id"]);
  expect(second.body["answer"]).toBe(invented.answer);
  const newer = await database.post("/answers", {
    ...invented,
    answer: "新模型的答案",
    revision: "8",
  });
  expect(newer.body["id"]).not.toBe(first.body["id"]);
  expect((await database.post(`/candidates/${String(first.body["id"])}/approve`, {})).status).toBe(404);
});

test("a candidate and an approved answer end at their expiry, which approval renews", async () => {
  let time = 0;
  const database = await start({ now: () => time });
  const { body } = await database.post("/answers", invented);
  time = 20 * dayMs;
  await database.post(`/candidates/${String(body["id"])}/approve`, {});
  time = 49 * dayMs;
  expect((await database.get("/answers", { question: invented.question })).body["found"]).toBe(true);
  time = 50 * dayMs;
  expect((await database.get("/answers", { question: invented.question })).body["found"]).toBe(false);
});

test("above the bound the oldest candidates go first", async () => {
  const database = await start({ maximumCandidates: 3 });
  for (const number of [1, 2, 3, 4, 5])
    await database.post("/answers", { ...invented, question: `question ${number}?` });
  const { body } = await database.get("/candidates");
  expect(body.candidates.map(({ question }) => question)).toEqual(["question 5?", "question 4?", "question 3?"]);
});

test("two processes on one file see each other's answers and import the knowledge once", async () => {
  const folder = temporaryFolder();
  const first = createMemoryLog();
  const second = createMemoryLog();
  const one = await start({ folder, log: first.log });
  const two = await start({ folder, log: second.log });
  expect(first.lines[0]).toMatchObject({ event: "knowledge", imported: true });
  expect(second.lines[0]).toMatchObject({ event: "knowledge", imported: false });
  const writes = Array.from({ length: 20 }, (_, index) =>
    (index % 2 === 0 ? one : two).post("/answers", { ...invented, question: `q${index % 5}` }),
  );
  expect((await Promise.all(writes)).map(({ status }) => status)).toEqual(writes.map(() => 201));
  expect((await one.get("/candidates")).body.candidates).toHaveLength(5);
  expect((await two.get("/candidates")).body.candidates).toHaveLength(5);
});

test("changed knowledge replaces what was imported before", async () => {
  const folder = temporaryFolder();
  await start({ folder });
  const database = await start({
    folder,
    knowledge: { hash: "two", passages: knowledge.passages.slice(0, 2) },
  });
  expect((await database.get("/passages", { query: "缓存" })).body.passages).toEqual([]);
  expect((await database.get("/answers", { question: "为什么要用缓存？" })).body).toEqual({
    found: false,
  });
});

test.each([
  ["/answers", { ...invented, answer: "" }, 400, "QA_BAD_ANSWER"],
  ["/answers", { ...invented, sources: "all" }, 400, "QA_BAD_ANSWER"],
  ["/answers", [], 400, "QA_BAD_JSON"],
  ["/candidates/99/approve", {}, 404, "QA_UNKNOWN_CANDIDATE"],
  ["/candidates/x/approve", {}, 404, "QA_UNKNOWN_CANDIDATE"],
])("POST %s with %j is refused", async (path, sent, status, code) => {
  const database = await start();
  expect(await database.post(path, sent)).toMatchObject({ status, body: { error: { code } } });
});

test.each([
  ["/answers", {}],
  ["/passages", { query: "x", limit: "0" }],
  ["/passages", { query: "x", language: "fr" }],
])("GET %s with %j is refused", async (path, parameters) => {
  const database = await start();
  expect(await database.get(path, parameters as Record<string, string>)).toMatchObject({
    status: 400,
  });
});
