// Limits and budgets over several gateway processes that share a store, on a real one.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { NO_LIMITS, type KeySnapshot, type LimitPolicy, type RateLimit } from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { HAS_REDIS, REDIS_HINT, startRedis, type RedisServer } from "../limits/lease/testdata/redis-server.ts";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const GATEWAYS = 3;
let redis: RedisServer;
let upstream: FakeUpstream;
let rigs: Rig[] = [];

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
  readonly price?: boolean;
}

/** Starts gateways that serve keys with these policies. */
async function start({ policies, gateways = GATEWAYS }: Started): Promise<void> {
  const keys = Object.entries(policies).map(([name, policy]): KeySnapshot => {
    return { ...key(name, "secret", ["chat"]), limits: { ...NO_LIMITS, ...policy } };
  });
  const backend = { kind: "provider", id: "chat/llm", provider: "openai", model: "llm" } as const;
  const price = { currency: "usd", input: 1, output: 1, pricedAt: "2026-01-01" };
  void backend;
  void price;
  rigs = await Promise.all(
    Array.from({ length: gateways }, () =>
      createRig({ listeners: ["models"], secrets: { "@keys": "secret" }, workers: 1, spares: 2 }),
    ),
  );
  await Promise.all(
    rigs.map(async (rig) => {
      rig.send(
        snapshot(1, {
          listeners: ["models"],
          pools: [pool("llm", [endpoint("llm/0@1", upstream.address.port, { capacity: 400 })])],
          models: [model("chat", ["llm"])],
          keys,
          limitStore: { url: redis.url },
        }),
      );
      await rig.start(1).ready;
    }),
  );
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

describe.skipIf(!HAS_REDIS)(`limits over several gateways${REDIS_HINT}`, () => {
  it("3.7: three gateways, 100 a minute, 300 at once: never above 100, at least 99 served, the rest told when", async () => {
    await start({ policies: { k: { rates: [perMinute("requests", 100)] } } });
    const replies = await Promise.all(Array.from({ length: 300 }, (_, index) => ask(index, "k")));
    const served = countStatus(replies, 200);
    console.log("served", served, rigs.map((rig) => rig.pid));
    expect(served).toBeLessThanOrEqual(100);
    expect(served).toBeGreaterThanOrEqual(99);
    const refused = replies.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(300 - served);
    for (const { headers } of refused) expect(Number(headers["retry-after"])).toBeGreaterThan(0);
    expect(upstream.counts.requests).toBe(served);
  });
});
