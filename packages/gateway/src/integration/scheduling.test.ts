// The queue in front of a model's pool over real workers: its order, its exact limits, and that nothing of it is lost whoever dies.
import type { ClientRequest } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NO_LIMITS, type BalanceAlgorithm, type ModelSnapshot, type Snapshot } from "@flyball/core";
import { seededRandom } from "@flyball/fakes";
import { startFakeEngine, type FakeEngine } from "../testdata/fake-engine.ts";
import { createRig, type GatewayProcess, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { open, send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 40_000, hookTimeout: 30_000 });

let rig: Rig;
let gateway: GatewayProcess;
let engines: FakeEngine[];

afterEach(async () => {
  await rig.dispose();
  await Promise.all(engines.map(({ upstream }) => upstream.kill()));
});

interface Stage {
  readonly workers: number;
  readonly engines?: number;
  readonly maxActive?: number;
  readonly more?: Partial<ModelSnapshot>;
  readonly balance?: BalanceAlgorithm;
  /** Descriptors for workers that are killed. */
  readonly spares?: number;
}

const HEDGE = { afterMs: 100, costCap: 1 };

async function start({ workers, engines: count = 1, spares = 4, ...stage }: Stage): Promise<void> {
  engines = await Promise.all(Array.from({ length: count }, startFakeEngine));
  rig = await createRig({ listeners: ["models", "admin"], secrets: { "@keys": "secret" }, workers, spares });
  rig.send(served({ version: 1, ...stage }));
  gateway = rig.start();
  await gateway.ready;
}

function served({
  version,
  maxActive = 1,
  more = {},
  balance,
}: Omit<Stage, "workers" | "engines" | "spares"> & { readonly version: number }): Snapshot {
  const endpoints = engines.map(({ upstream }, index) =>
    endpoint(`llm/${index}@1`, upstream.port, { maxActive, capacity: maxActive }),
  );
  return snapshot(version, {
    listeners: ["models", "admin"],
    pools: [pool("llm", endpoints, { maxWaitMs: 20_000, ...(balance === undefined ? {} : { balance }) })],
    models: [model("chat", ["llm"], more)],
    tenants: ["acme", "other"].map((id) => ({ id, limits: NO_LIMITS })),
    keys: ["acme", "other"].map((tenant) => ({ ...key(tenant, "secret", ["chat"]), tenant })),
  });
}

interface Ask {
  readonly tenant?: string;
  readonly stream?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly messages?: readonly unknown[];
}

function callOf(content: string, { tenant = "acme", stream = true, headers, messages }: Ask) {
  return {
    port: rig.port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: `Bearer ${tenant}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "chat", stream, messages: messages ?? [{ role: "user", content }] }),
  };
}

const ask = (content: string, more: Ask = {}): Promise<Reply> => send(callOf(content, more));

function leave(content: string): ClientRequest {
  const call = callOf(content, {});
  const request = open(call);
  request.end(call.body);
  return request;
}

const engine = (index = 0): FakeEngine => engines[index] as FakeEngine;

/** Who waits, as the gateway's own page says. */
async function waiting(): Promise<number> {
  const { text } = await send({ port: rig.port("admin"), path: "/metrics" });
  const lines = text.split("\n").filter((line) => line.startsWith("flyball_requests_waiting"));
  return lines.reduce((sum, line) => sum + Number(line.split(" ").at(-1)), 0);
}

async function untilWaiting(count: number): Promise<void> {
  for (let turn = 0; turn < 400 && (await waiting()) !== count; turn += 1) await pause();
  expect(await waiting()).toBe(count);
}

const named = (id: string): Ask => ({ headers: { "x-request-id": id } });

const explain = async (id: string) => (await send({ port: rig.port("admin"), path: `/explain/${id}` })).json();

/** Whoever puts requests in order has heard of it. On a busy machine that is later than it waits. */
async function untilInLine(id: string): Promise<void> {
  for (let turn = 0; turn < 400 && (await explain(id)).standing === undefined; turn += 1) await pause();
  expect(await explain(id)).toMatchObject({ state: "waiting", standing: {} });
}

const pause = (ms = 20): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

interface Reserved {
  readonly active: number;
  readonly prefillTokens: number;
  readonly kvTokens: number;
  readonly workMs: number;
}

async function reserved(): Promise<readonly Reserved[]> {
  const view = (await send({ port: rig.port("admin"), path: "/endpoints" })).json();
  return view.pools[0].endpoints.map(({ reserved: own }: { reserved: Reserved }) => own);
}

/** All that was taken is given back. */
async function untilNothingIsHeld(): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    if ((await reserved()).every(({ active }) => active === 0)) break;
    await pause();
  }
  for (const { active, prefillTokens, kvTokens, workMs } of await reserved()) {
    expect({ active, prefillTokens, kvTokens, workMs }).toEqual({
      active: 0,
      prefillTokens: 0,
      kvTokens: 0,
      workMs: 0,
    });
  }
}

describe.each([1, 2])("the queue of a model with %i worker(s)", (workers) => {
  beforeEach(() => start({ workers }));

  it("lets a short request overtake a long one of its tenant, and forgets nobody", async () => {
    const first = ask("first");
    await rig.waitUntil(() => engine().begun.length === 1, "the first at the engine");
    const long = ask(`long ${"and very long ".repeat(2_000)}`, named("long"));
    await untilInLine("long");
    const short = ask("short", named("short"));
    await untilInLine("short");
    engine().answerAfterMs = 5;
    engine().finish("first");
    expect((await Promise.all([first, short, long])).map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(engine().begun.map((name) => name.split(" ")[0])).toEqual(["first", "short", "long"]);
    expect(engine().peak).toBe(1);
    await untilNothingIsHeld();
  });

  // On a busy machine all have waited long before the first turn, and then the guard of the mean wait may come first.
  it("gives turns to tenants, however many one of them asks for", { retry: 2 }, async () => {
    const first = ask("first");
    await rig.waitUntil(() => engine().begun.length === 1, "the first at the engine");
    const many = [];
    for (let index = 0; index < 6; index += 1) {
      many.push(ask(`acme ${index}`));
      await untilWaiting(index + 1);
    }
    const one = ask("other", { tenant: "other" });
    await untilWaiting(7);
    engine().answerAfterMs = 5;
    engine().finish("first");
    await Promise.all([first, one, ...many]);
    expect(engine().begun.indexOf("other")).toBeLessThanOrEqual(2);
    await untilNothingIsHeld();
  });

  it("goes on without those who left while they waited", async () => {
    const first = ask("first");
    await rig.waitUntil(() => engine().begun.length === 1, "the first at the engine");
    const gone = leave("gone");
    await untilWaiting(1);
    const last = ask("last");
    await untilWaiting(2);
    gone.destroy();
    await untilWaiting(1);
    engine().answerAfterMs = 5;
    engine().finish("first");
    await Promise.all([first, last]);
    expect(engine().begun).toEqual(["first", "last"]);
    await untilNothingIsHeld();
  });

  it("tells why a request is where it is, and why it went where it went", async () => {
    const first = ask("first", named("first-one"));
    await rig.waitUntil(() => engine().begun.length === 1, "the first at the engine");
    const second = ask("second", named("second-one"));
    await untilInLine("second-one");
    expect(await explain("first-one")).toMatchObject({
      state: "running",
      pool: "llm",
      model: "chat",
      tenant: "acme",
      class: "normal",
      attempts: [{ endpoint: "llm/0@1", by: "at-once", reason: "at-once", endedAt: null }],
    });
    expect(await explain("second-one")).toMatchObject({
      state: "waiting",
      attempts: [],
      standing: { waitsFor: "slot", ahead: 0, isOldestOfTenant: true },
    });
    engine().answerAfterMs = 5;
    engine().finish();
    await Promise.all([first, second]);
    await untilNothingIsHeld();
    expect(await explain("second-one")).toMatchObject({
      state: "ended",
      attempts: [{ by: "arbiter", outcome: "succeeded", queuedBefore: 1 }],
    });
    expect((await send({ port: rig.port("admin"), path: "/explain/nobody" })).status).toBe(404);
  });
});

describe("limits over workers", () => {
  it("are never passed at any endpoint, and no place of them is lost", async () => {
    await start({ workers: 2, engines: 2, maxActive: 3 });
    for (const each of engines) each.answerAfterMs = 15;
    const replies = await Promise.all(
      Array.from({ length: 120 }, (_, index) => ask(`call ${index}`, { stream: index % 3 > 0 })),
    );
    expect(replies.every(({ status }) => status === 200)).toBe(true);
    expect(engines.map(({ peak }) => peak)).toEqual([3, 3]);
    await untilNothingIsHeld();
  });
});

describe("every place is given back", () => {
  beforeEach(() => start({ workers: 2, engines: 2, maxActive: 4, more: { isResumed: true, hedge: HEDGE } }));

  it("by calls that are asked twice because they are late", async () => {
    engine(1).answerAfterMs = 5;
    const replies = await Promise.all(Array.from({ length: 6 }, (_, index) => ask(`late ${index}`)));
    expect(replies.every(({ status }) => status === 200)).toBe(true);
    expect(engine(0).begun.length).toBeGreaterThan(0);
    await untilNothingIsHeld();
  });

  it("by calls whose first endpoint fails, and by those that nobody answers", async () => {
    engine(0).status = 500;
    engine(1).answerAfterMs = 5;
    const replies = await Promise.all(Array.from({ length: 12 }, (_, index) => ask(`failed ${index}`)));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    engine(1).status = 500;
    const lost = await Promise.all(Array.from({ length: 4 }, (_, index) => ask(`lost ${index}`)));
    expect(lost.every(({ status }) => status >= 500)).toBe(true);
    await untilNothingIsHeld();
  });

  it("by calls that are cut and go on elsewhere, and by those whose client leaves in the middle", async () => {
    const both = [ask("cut"), ask("cut")];
    await rig.waitUntil(() => engines.some(({ active }) => active > 0), "one at an engine");
    const first = engines.findIndex(({ active }) => active > 0);
    engine(first).begin("cut");
    await pause(50);
    engine(first).cut("cut");
    for (const each of engines) each.answerAfterMs = 5;
    for (const each of engines) each.finish();
    expect((await Promise.all(both)).map(({ status }) => status)).toEqual([200, 200]);
    for (const each of engines) each.answerAfterMs = undefined;
    const gone = [leave("gone"), leave("gone")];
    await rig.waitUntil(() => engines.some(({ active }) => active > 0), "one at an engine");
    for (const each of engines) each.begin("gone");
    await pause(50);
    for (const each of gone) each.destroy();
    await untilNothingIsHeld();
  });
});

describe("a pool that names how its endpoints are chosen", () => {
  it("is asked in turns by round-robin, and at the same place for the same affinity by consistent-hash", async () => {
    await start({ workers: 1, engines: 3, maxActive: 8, balance: "round-robin" });
    for (const each of engines) each.answerAfterMs = 1;
    for (let index = 0; index < 9; index += 1) await ask(`turn ${index}`);
    expect(engines.map(({ begun }) => begun.length)).toEqual([3, 3, 3]);
    rig.send(served({ version: 2, maxActive: 8, balance: "consistent-hash" }));
    await rig.waitUntil(
      () => rig.messages.some((message) => message.type === "snapshot-applied" && message.version === 2),
      "the second snapshot",
    );
    for (let user = 0; user < 6; user += 1) {
      const headers = { "x-flyball-affinity": `user-${user}` };
      for (let time = 0; time < 4; time += 1) await ask(`user ${user}`, { headers });
      const asked = engines.filter(({ begun }) => begun.includes(`user ${user}`));
      expect(asked).toHaveLength(1);
    }
    await untilNothingIsHeld();
  });
});

describe("when a thread is killed", () => {
  it("a worker's places are free at once and its waiting requests are gone; those of the other go on", async () => {
    await start({ workers: 2, engines: 1, maxActive: 4 });
    const outcomes = Array.from({ length: 24 }, (_, index) =>
      ask(`call ${index}`).then(
        ({ status }) => status,
        () => "broken off",
      ),
    );
    await rig.waitUntil(() => engine().active === 4, "four at the engine");
    for (let turn = 0; turn < 200 && (await waiting()) < 20; turn += 1) await pause();
    process.kill(gateway.pid, "SIGHUP");
    await rig.waitUntil(() => gateway.log().includes("a worker ended"), "a worker's end");
    engine().answerAfterMs = 5;
    engine().finish();
    const all = await Promise.all(outcomes);
    expect(all.every((outcome) => outcome === 200 || outcome === "broken off")).toBe(true);
    expect(all).toContain(200);
    expect(all).toContain("broken off");
    expect(engine().peak).toBeLessThanOrEqual(8);
    await untilNothingIsHeld();
    expect(
      (await Promise.all([1, 2, 3, 4, 5, 6].map((each) => ask(`later ${each}`)))).map(({ status }) => status),
    ).toEqual([200, 200, 200, 200, 200, 200]);
    await untilNothingIsHeld();
  });

  it("nobody notices that it was the arbiter: whoever waits is told to the next one", async () => {
    await start({ workers: 2, engines: 1, maxActive: 2 });
    const outcomes = Array.from({ length: 20 }, (_, index) => ask(`call ${index}`));
    await rig.waitUntil(() => engine().active === 2, "two at the engine");
    for (let turn = 0; turn < 200 && (await waiting()) < 18; turn += 1) await pause();
    await pause(1_100);
    // The arbiter is the last thread that started.
    await gateway.tell({ ask: "terminate", chosenBy: 0.99, afterMs: 0 });
    await rig.waitUntil(() => gateway.log().includes("the arbiter ended"), "the arbiter's end");
    engine().answerAfterMs = 5;
    engine().finish();
    expect((await Promise.all(outcomes)).map(({ status }) => status)).toEqual(outcomes.map(() => 200));
    expect(engine().peak).toBe(2);
    expect(new Set(engine().begun).size).toBe(engine().begun.length);
    await untilNothingIsHeld();
  });
});

const IS_LONG = process.env["FLYBALL_TEST_LONG"] === "1";
const KILLS = IS_LONG ? 60 : 4;

describe("threads that are killed one after the other under load, workers and the arbiter", () => {
  it("leave every place free and nobody forgotten", { timeout: 20_000 + KILLS * 4_000 }, async () => {
    await start({ workers: 4, engines: 3, maxActive: 3, spares: KILLS + 4 });
    for (const each of engines) each.answerAfterMs = 8;
    const random = seededRandom(11);
    const outcomes = { served: 0, broken: 0, other: 0 };
    const load = new AbortController();
    const client = async (index: number): Promise<void> => {
      const tenant = index % 2 === 0 ? "acme" : "other";
      while (!load.signal.aborted) {
        const content = `client ${index} ${"says much ".repeat((index % 5) * 90)}`;
        try {
          const { status } = await ask(content, { tenant, stream: index % 3 > 0 });
          outcomes[status === 200 ? "served" : "other"] += 1;
        } catch {
          outcomes.broken += 1;
          await pause();
        }
      }
    };
    const clients = Array.from({ length: 40 }, (_, index) => client(index));
    for (let kill = 0; kill < KILLS; kill += 1) {
      await pause(900);
      await gateway.tell({ ask: "terminate", chosenBy: random(), afterMs: random() * 20 });
    }
    await pause(2_000);
    load.abort();
    // Whoever was forgotten would hang here.
    await Promise.all(clients);
    expect(outcomes.other).toBe(0);
    expect(outcomes.served).toBeGreaterThan(100 * KILLS);
    await untilNothingIsHeld();
    await untilWaiting(0);
  });
});

describe("a conversation", () => {
  it("goes on where its first turn was read, whichever worker it comes to", async () => {
    await start({ workers: 2, engines: 3, maxActive: 8 });
    for (const each of engines) each.answerAfterMs = 2;
    for (let talk = 0; talk < 12; talk += 1) {
      const said = { role: "user", content: `talk ${talk} ${"about many things ".repeat(200)}` };
      const whereOf = (name: string): number => engines.findIndex(({ begun }) => begun.includes(name));
      await ask("", { messages: [said, { role: "user", content: `${talk} one` }] });
      const next = [said, { role: "user", content: `${talk} one` }, { role: "assistant", content: "yes" }];
      await ask("", { messages: [...next, { role: "user", content: `${talk} two` }] });
      expect(whereOf(`${talk} two`)).toBe(whereOf(`${talk} one`));
    }
    expect(engines.filter(({ begun }) => begun.length > 0).length).toBeGreaterThan(1);
    await untilNothingIsHeld();
  });
});
