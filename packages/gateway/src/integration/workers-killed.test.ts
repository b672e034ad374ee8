// A worker thread of a real gateway process is ended in the middle of whatever it does, two hundred calls open, with limits, a budget, the
// journal, a pool and a provider. What is in flight comes to 0, the limits to what was used, and every call is settled once.
// `npm run test:long` does it a thousand times.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  JOURNAL_SUFFIX,
  NO_LIMITS,
  readJournalLine,
  type KeySnapshot,
  type LimitPolicy,
  type Snapshot,
} from "@flyball/core";
import { seededRandom } from "@flyball/fakes";
import { readBudget, readRate } from "@flyball/traffic";
import { HAS_REDIS, REDIS_HINT, startRedis, type RedisServer } from "../limits/lease/testdata/redis-server.ts";
import { createRig, type GatewayProcess, type Rig } from "../testdata/gateway-process.ts";
import { describeGateway, within } from "../testdata/gateway-state.ts";
import { startHolding, USAGE, type Holding } from "../testdata/holding-upstream.ts";
import type { LimitCells } from "../testdata/process-commands.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { open as sendTo, send } from "../testdata/test-client.ts";

const IS_LONG = process.env["FLYBALL_TEST_LONG"] === "1";
/** Two kinds of store, so many gateways each, so many kills each. */
const GATEWAYS = IS_LONG ? 10 : 1;
const KILLS = IS_LONG ? 50 : 6;
const CALLS = 200;
const WORKERS = 2;
/** Longer than the test: nothing leaves the window meanwhile. */
const WINDOW_MS = 3_600_000;
const RATE_LIMIT = 1_000_000;
/** Places among the counters. */
const [REQUESTS, TOKENS, AT_ONCE, MONEY] = [0, 1, 2, 3];
/** What clients are told when the store is late, and how often they come. */
const RETRY_AFTER_MS = 250;
const MAX_TRIES = 10;
/** Ten times what a round takes on a busy machine. */
const ROUND_LIMIT_MS = 30_000;
const random = seededRandom(5);

/** At which point of its calls a worker dies: while they come, while all of them wait for their upstreams, while they end. */
type Point = "coming" | "held" | "ending";
const POINTS: readonly Point[] = ["coming", "held", "ending"];

interface Numbers {
  readonly requests: number;
  readonly tokens: number;
  readonly atOnce: number;
  readonly money: { readonly spent: number; readonly reserved: number };
  readonly lock: number;
}

describe.each([
  ["limits of its own", false],
  [`limits leased from a store${REDIS_HINT}`, true],
])("a worker that is killed with 200 calls open, %s", (_name, isLeased) => {
  let holding: Holding;
  let redis: RedisServer | undefined;
  let round = 0;
  /** Codes of the errors that clients were told in this round. */
  const refusals = new Set<string>();
  /** Calls that were told, and sent again, because the store was late: all of them, in this round, in the worst round. */
  let late = 0;
  let lateNow = 0;
  let mostLate = 0;
  /** Calls of this round that have no end yet, and how far they came. */
  const open = new Map<number, string>();
  const isSkipped = isLeased && !HAS_REDIS;
  beforeAll(async () => {
    holding = await startHolding();
    if (isLeased && HAS_REDIS) redis = await startRedis();
  });
  afterAll(async () => {
    await redis?.dispose();
    await holding.upstream.kill();
  });

  it.skipIf(isSkipped)(
    `${GATEWAYS * KILLS} times, leaves totals at 0, limits right, and each call settled once`,
    { timeout: GATEWAYS * KILLS * 5_000 + 20_000 },
    async ({ annotate }) => {
      for (let life = 0; life < GATEWAYS; life += 1) await killWorkers(life);
      await annotate(`the store was late for ${late} of ${round * CALLS} calls, in one round for ${mostLate} at most`);
    },
  );

  /** One gateway, whose workers die one after the other. */
  async function killWorkers(life: number): Promise<void> {
    const rig = await createRig({
      listeners: ["models", "admin"],
      secrets: { "@keys": "secret" },
      workers: WORKERS,
      spares: KILLS + 1,
    });
    rig.send(served(1, RATE_LIMIT, life));
    const gateway = rig.start();
    try {
      await within(gateway.ready, ROUND_LIMIT_MS, () => describeGateway(rig, gateway, redis?.port));
      for (let kill = 0; kill < KILLS; kill += 1) {
        // Upstreams without a past: what was learned of those that held their answers back would shed calls.
        if (kill > 0) expect(await rig.publish(served(1 + kill, RATE_LIMIT, life))).toBe("applied");
        const point = POINTS[kill % POINTS.length] as Point;
        await within(killOne(rig, gateway, point), ROUND_LIMIT_MS, () => describeRound(rig, gateway, point));
      }
      await expectSettledOnce(rig);
      await expectLimitKept(rig, gateway, life);
    } finally {
      await rig.dispose();
    }
  }

  async function killOne(rig: Rig, gateway: GatewayProcess, point: Point): Promise<void> {
    const before = await readLimits(gateway);
    round += 1;
    holding.isOpen = false;
    refusals.clear();
    open.clear();
    lateNow = 0;
    let refused = 0;
    const calls = Array.from({ length: CALLS }, async (_, index) => {
      const end = await call(rig.port("models"), index);
      open.delete(index);
      if (end === 429 || end === 503) refused += 1;
      return end;
    });
    const terminate = (): Promise<number> =>
      gateway.tell({ ask: "terminate", chosenBy: random(), afterMs: random() * (point === "held" ? 5 : 60) });
    let killed = point === "coming" ? terminate() : undefined;
    const arrivedNow = (): number => holding.arrived(round);
    if (point !== "coming") await rig.waitUntil(() => arrivedNow() + refused === CALLS, "200 calls in flight");
    const held = arrivedNow();
    if (point === "held") {
      if (refused === 0) expect(await inFlight(rig)).toBe(CALLS / 2);
      // The limit of requests at once is exactly full: nothing of an earlier worker stands in it, and nothing was given back twice.
      expect((await readLimits(gateway)).atOnce).toBe(held);
      if (!isLeased) expect(await callOnce(rig.port("models"), 0)).toBe(429);
      refusals.clear();
      killed = terminate();
      await killed;
    } else if (point === "ending") killed = terminate();
    holding.isOpen = true;
    holding.release();
    await killed;
    const ends = await Promise.all(calls);
    const [served, lost] = [ends.filter((end) => end === 200).length, ends.filter((end) => end === "lost").length];
    expect(served + lost + refused).toBe(CALLS);
    // A store that is asked by a process short of processors may be late for the 25 ms that a call waits. Its callers are told that, nobody
    // is told that anything is spent, and whoever comes again is served.
    expect(isLeased ? [...refusals].filter((code) => code !== "FB_GATEWAY_LIMIT_LATE") : [...refusals]).toEqual([]);
    expect(refused).toBe(0);
    late += lateNow;
    mostLate = Math.max(mostLate, lateNow);
    const arrived = arrivedNow();
    await expect
      .poll(async () => [await inFlight(rig), await poolsInFlight(rig)], { timeout: 3_000, interval: 20 })
      .toEqual([0, 0]);
    await expect.poll(async () => (await readLimits(gateway)).atOnce, { timeout: 3_000, interval: 20 }).toBe(0);
    const after = await readLimits(gateway);
    expect([after.lock, after.money.reserved]).toEqual([0, 0]);
    // Each call that went up counts once, and no call that was never sent.
    const counted = after.requests - before.requests;
    expect(counted).toBeGreaterThanOrEqual(arrived);
    expect(counted).toBeLessThanOrEqual(CALLS - refused);
    if (point === "held") expect(counted).toBe(held);
    expect(after.tokens - before.tokens).toBeGreaterThanOrEqual(served * USAGE.total_tokens);
    expect(after.money.spent).toBeGreaterThanOrEqual(before.money.spent);
    // Half of the calls cost nothing: when more were served, some of them did.
    if (served > CALLS / 2) expect(after.money.spent).toBeGreaterThan(before.money.spent);
  }

  /** What is known of a round that does not go on. */
  async function describeRound(rig: Rig, gateway: GatewayProcess, point: Point): Promise<string> {
    const calls = [...open].map(([index, far]) => `${index} ${far}`).join(", ");
    return [
      `round ${round}, killed while calls are ${point}; ${holding.arrived(round)} came to the upstream, ${lateNow} were told late`,
      `without an end: ${calls || "none"}`,
      await describeGateway(rig, gateway, redis?.port),
    ].join("\n");
  }

  /** As clients do it: a call that is told that the store is late is sent again after the time that it is told. */
  async function call(port: number, index: number): Promise<number | "lost"> {
    for (let tries = 1; ; tries += 1) {
      const end = await callOnce(port, index);
      if (end !== 503 || tries === MAX_TRIES) return end;
      lateNow += 1;
      await new Promise<void>((resolve) => void setTimeout(resolve, RETRY_AFTER_MS));
    }
  }

  /** 200 calls, half to a pool and half to a provider with a price, half of them streams. */
  async function callOnce(port: number, index: number): Promise<number | "lost"> {
    open.set(index, "sent");
    const request = sendTo({
      port,
      path: "/v1/chat/completions",
      method: "POST",
      headers: { authorization: "Bearer fb-key", "content-type": "application/json" },
    });
    request.end(
      JSON.stringify({
        model: index % 2 === 0 ? "chat" : "paid",
        stream: index % 4 > 1,
        max_tokens: 50,
        messages: [{ role: "user", content: `say yes in round ${round}` }],
      }),
    );
    return new Promise((resolve) => {
      request.on("error", () => resolve("lost"));
      request.on("response", (response) => {
        open.set(index, `told ${response.statusCode}`);
        response.on("error", () => resolve("lost"));
        response.on("close", () => resolve(response.complete ? (response.statusCode ?? 0) : "lost"));
        response.on("data", (chunk: Buffer) => {
          if (response.statusCode !== 200) refusals.add(/FB_\w+/.exec(chunk.toString())?.[0] ?? chunk.toString());
        });
      });
    });
  }

  async function readLimits(gateway: GatewayProcess): Promise<Numbers> {
    const { lock, counters } = await gateway.tell<LimitCells>({ ask: "limits", counters: MONEY + 1 });
    const place = (index: number) => ({ cells: Float64Array.from(counters[index] ?? []), at: 0 });
    const now = Date.now();
    return {
      lock,
      requests: readRate(place(REQUESTS), now).used,
      tokens: readRate(place(TOKENS), now).used,
      atOnce: counters[AT_ONCE]?.[1] as number,
      money: readBudget(place(MONEY)),
    };
  }

  /** Every call that any journal names has one settlement, and their sums are the ledger's. */
  async function expectSettledOnce(rig: Rig): Promise<void> {
    const settled = new Map<string, number>();
    const reserved = new Set<string>();
    for (const name of readdirSync(rig.journalFolder).filter((file) => file.endsWith(JOURNAL_SUFFIX))) {
      for (const text of readFileSync(join(rig.journalFolder, name), "utf8").split("\n")) {
        const line = readJournalLine(text);
        if (line?.type === "reserve") reserved.add(line.id);
        if (line?.type === "settle") settled.set(line.record.id, (settled.get(line.record.id) ?? 0) + 1);
      }
    }
    expect([...settled.values()].filter((times) => times !== 1)).toEqual([]);
    expect([...reserved].filter((id) => !settled.has(id))).toEqual([]);
    // A worker takes with it what it has not written in its last 10 ms; all else stands there.
    expect(settled.size).toBeGreaterThan(KILLS * CALLS * 0.8);
  }

  /** With so many left, exactly so many more are served. */
  async function expectLimitKept(rig: Rig, gateway: GatewayProcess, life: number): Promise<void> {
    const left = 20;
    const { requests } = await readLimits(gateway);
    expect(await rig.publish(served(1 + KILLS, requests + left, life))).toBe("applied");
    let taken = 0;
    for (let call = 0; call < left + 10; call += 1) {
      if ((await callOnce(rig.port("models"), 0)) === 200) taken += 1;
    }
    expect(taken).toBeLessThanOrEqual(left);
    // The last of a lease may come back a moment late.
    expect(taken).toBeGreaterThanOrEqual(isLeased ? left - 1 : left);
  }

  function served(version: number, limit: number, life: number): Snapshot {
    const limits: LimitPolicy = {
      ...NO_LIMITS,
      rates: [
        { unit: "requests", limit, windowMs: WINDOW_MS },
        { unit: "tokens", limit: RATE_LIMIT * 100, windowMs: WINDOW_MS },
      ],
      // With a store, the last of a limit may be lent to nobody for a moment; what 200 lost calls keep each time would still be missed.
      concurrency: isLeased ? 2 * CALLS : CALLS,
      budgets: [{ currency: "usd", microUnits: 1_000_000_000, per: "month" }],
    };
    const holder: KeySnapshot = { ...key("fb-key", "secret", ["chat", "paid"]), id: `life-${life}`, limits };
    const { port } = holding.upstream;
    return snapshot(version, {
      listeners: ["models", "admin"],
      pools: [pool(`llm-${version}`, [endpoint(`llm/0@${version}`, port, { capacity: 400 })])],
      models: [
        model("chat", [`llm-${version}`]),
        {
          ...model("paid", []),
          backends: [
            {
              kind: "provider",
              id: `paid/${version}`,
              provider: "openai",
              baseUrl: `http://127.0.0.1:${port}/v1`,
              model: "gpt-4o-mini",
            },
          ],
        },
      ],
      keys: [holder],
      ...(redis ? { limitStore: { url: redis.url } } : {}),
    });
  }
});

async function inFlight(rig: Rig): Promise<number> {
  return (await send({ port: rig.port("admin"), path: "/endpoints" })).json().pools[0].endpoints[0].inFlight;
}

async function poolsInFlight(rig: Rig): Promise<number> {
  const { text } = await send({ port: rig.port("admin"), path: "/metrics" });
  const lines = text.split("\n").filter((line) => line.startsWith("flyball_pool_in_flight{"));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" "))), 0);
}
