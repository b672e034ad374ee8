// Defect 10 of the reference: a store on the way of requests, whose outage turns known keys away. Here it is stopped under load (SIGSTOP)
// and killed, on a real one.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NO_LIMITS } from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { HAS_REDIS, REDIS_HINT, startRedis, type RedisServer } from "../../limits/lease/testdata/redis-server.ts";
import { createRig, type Rig } from "../../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../../testdata/snapshots.ts";
import { send } from "../../testdata/test-client.ts";

vi.setConfig({ testTimeout: 40_000, hookTimeout: 30_000 });

let redis: RedisServer;
let upstream: FakeUpstream;
let rig: Rig;

beforeEach(async () => {
  if (!HAS_REDIS) return;
  redis = await startRedis();
  upstream = await createFakeUpstream();
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret" } });
  rig.send(
    snapshot(1, {
      listeners: ["models"],
      pools: [pool("llm", [endpoint("llm/0@1", upstream.address.port)])],
      models: [model("chat", ["llm"])],
      keys: [
        key("free", "secret", ["chat"]),
        {
          ...key("limited", "secret", ["chat"]),
          limits: { ...NO_LIMITS, rates: [{ unit: "requests", limit: 600_000, windowMs: 60_000 }] },
        },
      ],
      limitStore: { url: redis.url },
    }),
  );
  await rig.start().ready;
});

afterEach(async () => {
  redis?.resume();
  await rig?.dispose();
  await upstream?.dispose();
  await redis?.dispose();
});

async function ask(name: string): Promise<{ status: number; ms: number }> {
  const began = performance.now();
  const { status } = await send({
    port: rig.port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: `Bearer ${name}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", max_tokens: 10, messages: [{ role: "user", content: "count" }] }),
  });
  return { status, ms: performance.now() - began };
}

/** Requests at a steady pace, whatever becomes of those before; how they ended. */
async function load(name: string, ms: number): Promise<{ status: number; ms: number }[]> {
  const running: Promise<{ status: number; ms: number }>[] = [];
  for (const end = performance.now() + ms; performance.now() < end;) {
    running.push(ask(name));
    await new Promise<void>((resolve) => void setTimeout(resolve, 5));
  }
  return Promise.all(running);
}

const quantile = (answers: readonly { ms: number }[], share: number): number =>
  answers.map(({ ms }) => ms).toSorted((left, right) => left - right)[Math.floor(answers.length * share)] as number;

describe.skipIf(!HAS_REDIS)(`3.10 a store that is stopped under load${REDIS_HINT}`, () => {
  it.each(["stopped", "killed"] as const)(
    "(%s) turns no known key away, delays nobody, invents no key, and is used again without a restart",
    { retry: 2 },
    async (how) => {
      for (const name of ["free", "limited"]) await load(name, 700);
      const before = (await Promise.all(["free", "limited"].map((name) => load(name, 2_000)))).flat();
      const loads = Promise.all(["free", "limited"].map((name) => load(name, 3_000)));
      const strangers = load("stranger", 3_000);
      if (how === "stopped") redis.pause();
      else await redis.kill();
      const during = (await loads).flat();
      expect(new Set(during.map(({ status }) => status))).toEqual(new Set([200]));
      // A call that waited for the store would wait 25 ms or more, and all of one key would. The slowest of a hundred differ by more than
      // that between two runs on a busy machine; nine of ten do not.
      expect(quantile(during, 0.9)).toBeLessThan(quantile(before, 0.9) * 1.05 + 20);
      expect(quantile(during, 0.99)).toBeLessThan(quantile(before, 0.99) * 1.05 + 100);
      // Keys come with the snapshot and not from the store: one that nobody has is known to be none.
      expect(new Set((await strangers).map(({ status }) => status))).toEqual(new Set([401]));
      if (how === "stopped") redis.resume();
      else await redis.start();
      const after = (await Promise.all(["free", "limited"].map((name) => load(name, 2_500)))).flat();
      expect(new Set(after.map(({ status }) => status))).toEqual(new Set([200]));
    },
  );
});
