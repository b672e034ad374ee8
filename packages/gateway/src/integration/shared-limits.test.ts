// Limits and budgets over several gateway processes that share a store, on a real one.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  NO_LIMITS,
  type KeySnapshot,
  type LimitPolicy,
  type ModelSnapshot,
  type RateLimit,
  type Snapshot,
} from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { HAS_REDIS, REDIS_HINT, startRedis, type RedisServer } from "../limits/lease/testdata/redis-server.ts";
import { createRig, type GatewayProcess, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const GATEWAYS = 3;
let redis: RedisServer;
let upstream: FakeUpstream;
let rigs: Rig[] = [];
let processes: GatewayProcess[] = [];
let shown: Snapshot;

beforeAll(async () => {
  upstream = await createFakeUpstream();
});
afterAll(() => upstream.dispose());
beforeEach(async () => {
  if (!HAS_REDIS) return;
  upstream.reset();
  redis = await startRedis();
});
afterEach(async () => {
  await Promise.all(rigs.map((rig) => rig.dispose()));
  rigs = [];
  await redis?.dispose();
});

const perMinute = (unit: RateLimit["unit"], limit: number): RateLimit => ({ unit, limit, windowMs: 60_000 });

interface Started {
  readonly policies: Readonly<Record<string, Partial<LimitPolicy>>>;
  readonly gateways?: number;
}

/** Starts gateways that serve keys with these policies; the model `paid` has a price. */
async function start({ policies, gateways = GATEWAYS }: Started): Promise<void> {
  const { port } = upstream.address;
  const keys = Object.entries(policies).map(([name, policy]): KeySnapshot => {
    return { ...key(name, "secret", ["chat", "paid"]), limits: { ...NO_LIMITS, ...policy } };
  });
  const backends: ModelSnapshot["backends"] = [
    {
      kind: "provider",
      id: "paid/0",
      provider: "openai",
      baseUrl: `http://127.0.0.1:${port}/v1`,
      model: "gpt-4o-mini",
    },
  ];
  shown = snapshot(1, {
    listeners: ["models"],
    pools: [pool("llm", [endpoint("llm/0@1", port, { capacity: 400 })])],
    models: [model("chat", ["llm"]), { ...model("paid", []), backends }],
    keys,
    limitStore: { url: redis.url },
  });
  rigs = await Promise.all(
    Array.from({ length: gateways }, () =>
      createRig({ listeners: ["models"], secrets: { "@keys": "secret" }, workers: 1, spares: 2 }),
    ),
  );
  processes = rigs.map((rig) => {
    rig.send(shown);
    return rig.start(1);
  });
  await Promise.all(processes.map(({ ready }) => ready));
}

function ask(gateway: number, name: string, more: object = {}): Promise<Reply> {
  return send({
    port: (rigs[gateway % rigs.length] as Rig).port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: `Bearer ${name}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", max_tokens: 10, messages: [{ role: "user", content: "count" }], ...more }),
  });
}

function countStatus(replies: readonly Reply[], status: number): number {
  return replies.filter((reply) => reply.status === status).length;
}

const total = (count: number, gatewayOf: (index: number) => number, name: string): Promise<Reply[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => ask(gatewayOf(index), name)));

/** One request of a key after another at one gateway until the end of `during`; everything that was answered, with how long it took. */
async function keepAsking(gateway: number, name: string, during: Promise<unknown>) {
  const over = new AbortController();
  void during.finally(() => over.abort());
  const answers: { readonly status: number; readonly ms: number }[] = [];
  while (!over.signal.aborted) {
    const began = performance.now();
    const { status } = await ask(gateway, name);
    answers.push({ status, ms: performance.now() - began });
    await new Promise<void>((resolve) => void setTimeout(resolve, 5));
  }
  return answers;
}

/** A key that is used before a test begins: a program that has run nothing yet is slow for reasons of its own. */
const WARM = { warm: { rates: [perMinute("requests", 10_000)] } };

async function warmUp(): Promise<void> {
  expect(countStatus(await total(90, (index) => index, "warm"), 200)).toBe(90);
}

/** Keys of one limit each: one for every time that `whileStoreIsThere` may need. */
const TRIES = ["k", "k2", "k3"];
const HUNDRED = Object.fromEntries(TRIES.map((name) => [name, { rates: [perMinute("requests", 100)] }]));

/**
 * Does it until no gateway took the store for lost meanwhile. On a machine short of processors a store that is held up for 15 ms is one that is
 * lost, and then each gateway has its own share for a while: all of them together may serve up to 2 - 1/n times the limit.
 */
async function whileStoreIsThere(use: (name: string) => Promise<number>): Promise<number> {
  const told = (words: string): number => processes.reduce((sum, { log }) => sum + log().split(words).length - 1, 0);
  const losses = (): number => told("store of limits is lost");
  for (const name of TRIES) {
    await vi.waitFor(() => expect(told("limits are leased again")).toBe(losses()), { timeout: 20_000, interval: 50 });
    const before = losses();
    const served = await use(name);
    if (losses() === before) return served;
    expect(served).toBeLessThanOrEqual((2 - 1 / GATEWAYS) * 100);
  }
  throw new Error("the store was taken for lost each time");
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));

describe.skipIf(!HAS_REDIS)(`limits over several gateways${REDIS_HINT}`, () => {
  it("3.7: three gateways, 100 a minute, 300 at once: never above 100, at least 99 served, the rest told when", async () => {
    await start({ policies: { ...HUNDRED, ...WARM } });
    await warmUp();
    const allServed = await whileStoreIsThere(async (name) => {
      const before = upstream.counts.requests;
      const replies = await total(300, (index) => index, name);
      const served = countStatus(replies, 200);
      const refused = replies.filter(({ status }) => status !== 200);
      expect(refused).toHaveLength(300 - served);
      for (const { status, headers, text } of refused) {
        expect(Number(headers["retry-after"])).toBeGreaterThan(0);
        // On a machine short of processors some do not hear in time what the store said.
        expect(text).toContain(status === 429 ? "FB_GATEWAY_LIMIT" : "FB_GATEWAY_LIMIT_LATE");
      }
      expect(upstream.counts.requests - before).toBe(served);
      return served;
    });
    expect(allServed).toBeLessThanOrEqual(100);
    expect(allServed).toBeGreaterThanOrEqual(99);
  });

  it.each([
    ["all at one gateway", () => 0],
    ["nearly all at one gateway", (index: number) => (index % 10 === 0 ? 1 + (index % 20) / 10 : 0)],
  ])("3.7: what lies unused at other gateways is served too: %s", async (_, gatewayOf) => {
    await start({ policies: { ...HUNDRED, ...WARM } });
    await warmUp();
    const allServed = await whileStoreIsThere(async (name) => {
      let served = countStatus(await total(300, gatewayOf, name), 200);
      // On a machine short of processors the last of them may come back after the 25 ms for which those requests waited.
      for (let round = 0; round < 5 || (served < 99 && round < 50); round += 1) {
        await pause(100);
        served += countStatus(await total(20, () => 0, name), 200);
      }
      return served;
    });
    expect(allServed).toBeLessThanOrEqual(100);
    expect(allServed).toBeGreaterThanOrEqual(99);
  });

  it("never serves more than the limit when a gateway dies with what it was lent", async () => {
    await start({ policies: { k: { rates: [perMinute("requests", 100)] }, ...WARM } });
    await warmUp();
    let served = countStatus(await total(40, (index) => index, "k"), 200);
    const [first] = rigs as [Rig];
    process.kill(first.pid, "SIGKILL");
    served += countStatus(await total(200, (index) => 1 + (index % 2), "k"), 200);
    await first.start(2).ready;
    served += countStatus(await total(60, (index) => index, "k"), 200);
    expect(served).toBeLessThanOrEqual(100);
    // A dead gateway takes its standing part and what it had fetched ahead with it, for a window.
    expect(served).toBeGreaterThanOrEqual(70);
  });

  it("3.8: a budget holds over two gateways, and what a dead one had leased stays spent", async () => {
    const microUnits = 600;
    await start({ gateways: 2, policies: { k: { budgets: [{ currency: "usd", microUnits, per: "day" }] } } });
    let served = 0;
    for (let index = 0, refused = 0; refused < 8; index += 1) {
      const { status } = await ask(index, "k", { model: "paid" });
      if (status === 200) served += 1;
      refused = status === 200 ? 0 : refused + 1;
    }
    // Seven tokens in and three out cost three millionths; what one call reserves at most is the end of the budget that is not used.
    expect(served * 3).toBeLessThanOrEqual(microUnits);
    expect(served * 3).toBeGreaterThan(microUnits * 0.8);
    const asked = upstream.counts.requests;
    const replies = await Promise.all([ask(0, "k", { model: "paid" }), ask(1, "k", { model: "paid" })]);
    expect(replies.map(({ status }) => status)).toEqual([429, 429]);
    expect(upstream.counts.requests).toBe(asked);
    const [first] = rigs;
    process.kill((first as Rig).pid, "SIGKILL");
    await (first as Rig).start(2).ready;
    expect((await ask(0, "k", { model: "paid" })).status).toBe(429);
    expect(upstream.counts.requests).toBe(asked);
  });

  it("no more at once over all gateways than the bound, and every place comes back", async () => {
    upstream.set({ delayMs: 400 });
    await start({ policies: { k: { concurrency: 10 } } });
    const served = countStatus(await total(60, (index) => index, "k"), 200);
    expect(served).toBe(10);
    await pause(1_200);
    expect(countStatus(await total(10, () => 0, "k"), 200)).toBe(10);
  });

  it("a store that has not answered yet is told to be late, one that is lost to be away, and nothing to be spent", async () => {
    await start({
      gateways: 1,
      policies: { k: { budgets: [{ currency: "usd", microUnits: 1_000_000, per: "day" }] }, ...WARM },
    });
    await warmUp();
    const code = ({ text }: Reply): string => /FB_[A-Z_]+/.exec(text)?.[0] ?? text;
    redis.pause();
    // The first call of an idle budget needs the store.
    const late = await ask(0, "k", { model: "paid" });
    expect([late.status, code(late)]).toEqual([503, "FB_GATEWAY_LIMIT_LATE"]);
    expect([late.headers["retry-after"], late.headers["retry-after-ms"]]).toEqual(["1", "250"]);
    await vi.waitFor(
      async () => {
        const away = await ask(0, "k", { model: "paid" });
        expect([away.status, code(away)]).toEqual([429, "FB_GATEWAY_LIMIT_AWAY"]);
        expect([away.headers["retry-after"], away.headers["x-should-retry"]]).toEqual(["1", undefined]);
      },
      { timeout: 5_000, interval: 50 },
    );
    redis.resume();
    await vi.waitFor(async () => expect((await ask(0, "k", { model: "paid" })).status).toBe(200), {
      timeout: 10_000,
      interval: 50,
    });
  });

  it.each(["pause", "kill"] as const)(
    "3.10: the store is lost (%s) under load: nobody fails, nobody waits, and it comes back",
    async (how) => {
      await start({
        policies: {
          k: { rates: [perMinute("requests", 60_000)] },
          idle: { rates: [perMinute("requests", 60_000)] },
          strict: { rates: [perMinute("requests", 60_000)], ratesOnStoreLoss: "refuse" },
          ...WARM,
          broke: { budgets: [{ currency: "usd", microUnits: 1_000_000, per: "day" }] },
        },
      });
      await warmUp();
      expect((await ask(0, "strict")).status).toBe(200);
      expect((await ask(0, "broke", { model: "paid" })).status).toBe(200);
      const during = async (): Promise<void> => {
        await pause(700);
        if (how === "pause") redis.pause();
        else await redis.kill();
        await pause(30);
        // Keys that were idle are served from what always stands at hand.
        const idle = await Promise.all([0, 1, 2].map((gateway) => ask(gateway, "idle")));
        expect(idle.map(({ status }) => status)).toEqual([200, 200, 200]);
        await pause(1_500);
        expect((await ask(0, "strict")).status).toBe(429);
        const broke = await ask(0, "broke", { model: "paid" });
        expect([broke.status, Number(broke.headers["retry-after"]) > 0]).toEqual([429, true]);
        if (how === "pause") redis.resume();
        else await redis.start();
        await pause(4_000);
        expect((await ask(0, "strict")).status).toBe(200);
        expect((await ask(0, "broke", { model: "paid" })).status).toBe(200);
      };
      const running = during();
      const answers = (await Promise.all([0, 1, 2].map((gateway) => keepAsking(gateway, "k", running)))).flat();
      await running;
      expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
      // A request that waited until the loss was found out would have taken 250 ms; one that was shed, 25 ms and more.
      const times = answers.map(({ ms }) => ms).toSorted((left, right) => left - right);
      expect(times[Math.floor(times.length * 0.99)]).toBeLessThan(100);
      expect(times.at(-1)).toBeLessThan(250);
    },
  );
});
