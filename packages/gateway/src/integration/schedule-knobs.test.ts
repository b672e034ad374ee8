// The knobs of a pool's scheduling over real workers: each changes what it says, and a change finds those who wait where they were.
import { afterEach, describe, expect, it, vi } from "vitest";
import { NO_LIMITS, type PoolSnapshot, type Priority, type ScheduleSpec, type Snapshot } from "@flyball/core";
import { startFakeEngine, type FakeEngine } from "../testdata/fake-engine.ts";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 40_000, hookTimeout: 30_000 });

let rig: Rig;
let engines: FakeEngine[];
let version: number;

afterEach(async () => {
  await rig.dispose();
  await Promise.all(engines.map(({ upstream }) => upstream.kill()));
});

interface Served {
  readonly schedule?: ScheduleSpec;
  readonly maxActive?: number;
  /** How many of the engines; all. */
  readonly count?: number;
  readonly weights?: Readonly<Record<string, number>>;
  readonly priorities?: Readonly<Record<string, Priority>>;
}

const TENANTS = ["acme", "other"];

function served({ schedule, maxActive = 1, count, weights = {}, priorities = {} }: Served): Snapshot {
  const endpoints = engines
    .slice(0, count)
    .map(({ upstream }, index) => endpoint(`llm/${index}@1`, upstream.port, { maxActive, capacity: maxActive }));
  const more: Partial<PoolSnapshot> = { maxWaitMs: 20_000, ...(schedule === undefined ? {} : { schedule }) };
  version += 1;
  return snapshot(version, {
    listeners: ["models", "admin"],
    pools: [pool("llm", endpoints, more)],
    models: [model("chat", ["llm"])],
    tenants: TENANTS.map((id) => ({
      id,
      limits: NO_LIMITS,
      ...(weights[id] === undefined ? {} : { weight: weights[id] }),
      ...(priorities[id] === undefined ? {} : { priority: priorities[id] }),
    })),
    keys: TENANTS.map((tenant) => ({ ...key(tenant, "secret", ["chat"]), tenant })),
  });
}

async function start(workers: number, engineCount: number, first: Served): Promise<void> {
  engines = await Promise.all(Array.from({ length: engineCount }, startFakeEngine));
  rig = await createRig({ listeners: ["models", "admin"], secrets: { "@keys": "secret" }, workers });
  version = 0;
  rig.send(served(first));
  await rig.start().ready;
}

/** Another snapshot, served by all workers. */
async function change(next: Served): Promise<void> {
  rig.send(served(next));
  await rig.waitUntil(
    () => rig.messages.some((message) => message.type === "snapshot-applied" && message.version === version),
    "the next snapshot",
  );
  // The arbiter hears of it when the workers serve it.
  await pause(50);
}

interface Ask {
  readonly tenant?: string;
  readonly prompt?: string;
}

function ask(name: string, { tenant = "acme", prompt = "" }: Ask = {}): Promise<Reply> {
  const messages = [
    { role: "user", content: prompt },
    { role: "user", content: name },
  ];
  return send({
    port: rig.port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: `Bearer ${tenant}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", stream: true, messages }),
  });
}

const engine = (index = 0): FakeEngine => engines[index] as FakeEngine;
const begun = (): number => engines.reduce((sum, each) => sum + each.begun.length, 0);
const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const ofTokens = (tokens: number): string => "word".repeat(tokens);

async function waiting(): Promise<number> {
  const { text } = await send({ port: rig.port("admin"), path: "/metrics" });
  const lines = text.split("\n").filter((line) => line.startsWith("flyball_requests_waiting"));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

async function untilWaiting(count: number): Promise<void> {
  for (let turn = 0; turn < 400 && (await waiting()) !== count; turn += 1) await pause(20);
  expect(await waiting()).toBe(count);
}

/** Answers whoever is there and whoever comes. */
async function drain(replies: readonly Promise<Reply>[]): Promise<void> {
  for (const each of engines) each.answerAfterMs = 2;
  for (const each of engines) each.finish();
  expect((await Promise.all(replies)).map(({ status }) => status)).toEqual(replies.map(() => 200));
}

/** One at the engine and these in line, in this order. */
async function lineUp(names: readonly (readonly [name: string, more?: Ask])[]): Promise<Promise<Reply>[]> {
  const replies = [ask("first")];
  await rig.waitUntil(() => begun() === 1, "the first at the engine");
  for (const [index, [name, more]] of names.entries()) {
    replies.push(ask(name, more));
    await untilWaiting(index + 1);
  }
  return replies;
}

const LONG_TO_SHORT: readonly (readonly [string, Ask])[] = [
  ["long", { prompt: ofTokens(9_000) }],
  ["middle", { prompt: ofTokens(3_000) }],
  ["short", {}],
];

describe.each([1, 2])("the order within a tenant, with %i worker(s)", (workers) => {
  it("is by arrival where that is asked for", async () => {
    await start(workers, 1, { schedule: { order: "arrival" } });
    const replies = await lineUp(LONG_TO_SHORT);
    await drain(replies);
    expect(engine().begun).toEqual(["first", "long", "middle", "short"]);
  });

  it("changes for those who wait, and nobody is lost", async () => {
    await start(workers, 1, { schedule: { order: "arrival" } });
    const replies = await lineUp(LONG_TO_SHORT);
    await change({});
    expect(await waiting()).toBe(3);
    await drain(replies);
    expect(engine().begun).toEqual(["first", "short", "middle", "long"]);
    expect(await waiting()).toBe(0);
  });
});

/** How many of tenant "acme" are among the first so many of those who waited. */
async function firstOfAcme(count: number): Promise<number> {
  const names = Array.from({ length: 12 }, (_, index) => index).flatMap((index) =>
    TENANTS.map((tenant) => [`${tenant} ${index}`, { tenant }] as const),
  );
  const replies = [ask("first")];
  await rig.waitUntil(() => begun() === 1, "the first at the engine");
  for (const [name, more] of names) replies.push(ask(name, more));
  await untilWaiting(names.length);
  await drain(replies);
  return engine()
    .begun.slice(1, count + 1)
    .filter((name) => name.startsWith("acme")).length;
}

describe("shares of what is served", () => {
  it("go by the weights of tenants", async () => {
    await start(2, 1, { weights: { acme: 5 } });
    expect(await firstOfAcme(12)).toBeGreaterThanOrEqual(9);
  });

  it("are equal without them", async () => {
    await start(2, 1, {});
    expect(await firstOfAcme(12)).toBeLessThanOrEqual(8);
  });

  it("go by the weights of classes", async () => {
    const priorities = { acme: "high", other: "low" } as const;
    await start(2, 1, { priorities, schedule: { classWeights: { high: 1, low: 9 } } });
    expect(await firstOfAcme(10)).toBeLessThanOrEqual(3);
  });
});

describe("what an endpoint may have at once", () => {
  it("is so many chunks of prompts, and more of them as soon as that is changed", async () => {
    await start(2, 1, { maxActive: 8, schedule: { promptChunks: 11 } });
    const prompt = ofTokens(20_000);
    const replies = [ask("one", { prompt })];
    await rig.waitUntil(() => begun() === 1, "the first prompt");
    replies.push(ask("two", { prompt: `another ${prompt}` }));
    await untilWaiting(1);
    expect(engine().begun).toEqual(["one"]);
    engine().begin("one");
    await rig.waitUntil(() => begun() === 2, "the second prompt after the first token");
    replies.push(ask("three", { prompt: `a third ${prompt}` }));
    await untilWaiting(1);
    await change({ maxActive: 8, schedule: { promptChunks: 22 } });
    await rig.waitUntil(() => begun() === 3, "the third prompt beside the second");
    await drain(replies);
  });

  it.each([
    [0.95, 2],
    [0.6, 1],
  ])("is so much of its memory, where the manifest says how much there is: %f of it", async (kvUtilization, most) => {
    await start(2, 1, { maxActive: 8, schedule: { kvTokens: 10_000, kvUtilization, promptChunks: 100 } });
    const replies = ["one", "two", "three"].map((name) => ask(name, { prompt: `${name} ${ofTokens(4_000)}` }));
    await rig.waitUntil(() => begun() === most, `${most} of three`);
    await untilWaiting(3 - most);
    expect(engine().active).toBe(most);
    await drain(replies);
  });

  it("is a small part while it is new, and all of it where no slow start is asked for", async () => {
    const schedule = { slowStartMs: 3_600_000 };
    await start(2, 2, { maxActive: 10, count: 1, schedule });
    await change({ maxActive: 10, schedule });
    const replies = Array.from({ length: 20 }, (_, index) => ask(`call ${index}`));
    await rig.waitUntil(() => begun() === 11, "ten at the old endpoint and one at the new");
    await untilWaiting(9);
    expect(engines.map(({ active }) => active)).toEqual([10, 1]);
    await change({ maxActive: 10 });
    await rig.waitUntil(() => begun() === 20, "all of them");
    expect(engines.map(({ active }) => active)).toEqual([10, 10]);
    await drain(replies);
  });
});

describe("prompts that begin alike", () => {
  const prompt = ofTokens(1_000);
  const used = (): number => engines.filter(({ begun: names }) => names.length > 0).length;
  const askInTurn = async (): Promise<void> => {
    for (const each of engines) each.answerAfterMs = 1;
    for (let turn = 0; turn < 14; turn += 1) await ask(`turn ${turn}`, { prompt });
  };

  it("stay where the first was read", async () => {
    await start(2, 3, { maxActive: 8 });
    await askInTurn();
    expect(used()).toBe(1);
  });

  it("spread where nobody asks for affinity", async () => {
    await start(2, 3, { maxActive: 8, schedule: { hasPrefixAffinity: false } });
    await askInTurn();
    expect(used()).toBeGreaterThan(1);
  });
});

describe("Anthropic calls", () => {
  const askClaude = (system: string, question: string): Promise<Reply> =>
    send({
      port: rig.port("models"),
      path: "/v1/messages",
      headers: { "x-api-key": "acme", "anthropic-version": "2023-06-01", "content-type": "application/json" },
      body: JSON.stringify({
        model: "chat",
        max_tokens: 50,
        messages: [{ role: "user", content: question }],
        system,
      }),
    });
  const used = (): number => engines.filter(({ begun: names }) => names.length > 0).length;
  const rules = (name: string): string => `You are ${name}. ${"Answer with care. ".repeat(200)}`;

  it("of one system prompt go where it was read, whatever they ask", async () => {
    await start(2, 3, { maxActive: 8 });
    for (const each of engines) each.answerAfterMs = 1;
    for (let turn = 0; turn < 12; turn += 1) {
      expect((await askClaude(rules("a clerk"), `question ${turn}`)).status).toBe(200);
    }
    expect(used()).toBe(1);
  });

  it("of other system prompts do not go where the same question was read", async () => {
    await start(2, 3, { maxActive: 8 });
    for (const each of engines) each.answerAfterMs = 1;
    const question = "What do you think of this? ".repeat(200);
    for (let turn = 0; turn < 14; turn += 1) await askClaude(rules(`number ${turn}`), question);
    expect(used()).toBeGreaterThan(1);
  });
});
