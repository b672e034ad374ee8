// Attacks on who one is: what is kept of keys, tokens that look like others, tenants of others, and 200 callers at once for one limit.
import { randomBytes, randomInt } from "node:crypto";
import { Agent } from "node:http";
import { readdir, readFile } from "node:fs/promises";
import {
  JOURNAL_SUFFIX,
  NO_LIMITS,
  readJournalLine,
  type BackendSnapshot,
  type KeySnapshot,
  type LedgerRecord,
  type LimitPolicy,
} from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { authenticate } from "../../stages/authenticate.ts";
import type { Exchange } from "../../stages/exchange.ts";
import { createRig, type Rig } from "../../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../../testdata/snapshots.ts";
import { send, type Reply } from "../../testdata/test-client.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const SECRET = "canary-key-secret";
let upstream: FakeUpstream;
let rig: Rig;
let version = 0;

beforeAll(async () => {
  upstream = await createFakeUpstream();
});
afterAll(() => upstream.dispose());
beforeEach(async () => {
  upstream.reset();
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": SECRET, outside: "sk-out" }, workers: 2 });
});
afterEach(() => rig.dispose());

function keyOf(value: string, more: Partial<KeySnapshot>): KeySnapshot {
  return { ...key(value, SECRET, ["*"]), service: "", ...more };
}

async function serve(keys: readonly KeySnapshot[], tenants: Readonly<Record<string, Partial<LimitPolicy>>> = {}) {
  version += 1;
  const paid: BackendSnapshot = {
    kind: "provider",
    id: "paid/0",
    provider: "openai",
    baseUrl: `${upstream.url}/v1`,
    model: "gpt-4o",
    apiKeySecret: "outside",
  };
  const parts = snapshot(version, {
    listeners: ["models"],
    pools: [pool("llm", [endpoint("llm/0@1", upstream.address.port, { capacity: 500 })])],
    models: [model("chat", ["llm"]), model("other", ["llm"]), { ...model("paid", []), backends: [paid] }],
    keys,
    tenants: Object.entries(tenants).map(([id, limits]) => ({ id, limits: { ...NO_LIMITS, ...limits } })),
  });
  if (version > 1 && rig.messages.length > 0) expect(await rig.publish(parts)).toBe("applied");
  else {
    rig.send(parts);
    await rig.start(version).ready;
  }
}

interface Ask {
  readonly model?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly agent?: Agent;
}

function ask(value: string, { model: name = "chat", headers = {}, agent }: Ask = {}): Promise<Reply> {
  return send({
    port: rig.port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: `Bearer ${value}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: name, max_tokens: 10, messages: [{ role: "user", content: "count" }] }),
    ...(agent === undefined ? {} : { agent }),
  });
}

const racers = (value: string, options?: Ask): Promise<Reply[]> =>
  Promise.all(Array.from({ length: 200 }, () => ask(value, options)));

function counted(replies: readonly Reply[]): Readonly<Record<number, number>> {
  const counts: Record<number, number> = {};
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

async function settled(): Promise<readonly LedgerRecord[]> {
  const names = (await readdir(rig.journalFolder)).filter((name) => name.endsWith(JOURNAL_SUFFIX));
  const texts = await Promise.all(names.map((name) => readFile(`${rig.journalFolder}/${name}`, "utf8")));
  return texts.flatMap((text) =>
    text.split("\n").flatMap((line) => {
      const read = readJournalLine(line);
      return read?.type === "settle" ? [read.record] : [];
    }),
  );
}

describe("9: how long a refusal takes tells nothing of a key", () => {
  /** An exchange with as much as `authenticate` reads. */
  function exchangeOver(keys: readonly KeySnapshot[]): (value: string) => Exchange {
    const serving = {
      keys: new Map(keys.map((each) => [each.hmac, { ...each, modelSet: new Set() }])),
      keySecret: SECRET,
      tokens: undefined,
      rememberedKeys: new Map(),
    };
    const context = { clock: { now: () => 0 } };
    return (value) =>
      ({ serving, context, request: { headers: { authorization: `Bearer ${value}` } } }) as unknown as Exchange;
  }

  /** Welch's t of two samples without their slowest tenth, which is the machine's and not the code's. */
  function welch(...samples: readonly [readonly number[], readonly number[]]): number {
    const [a, b] = samples.map((sample) => {
      const kept = sample.toSorted((x, y) => x - y).slice(0, Math.floor(sample.length * 0.9));
      const mean = kept.reduce((sum, each) => sum + each, 0) / kept.length;
      const variance = kept.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (kept.length - 1);
      return { mean, share: variance / kept.length };
    }) as [{ mean: number; share: number }, { mean: number; share: number }];
    return Math.abs(a.mean - b.mean) / Math.sqrt(a.share + b.share);
  }

  /** The key with another letter at one place, as a string of its own: both kinds are made in the same way, so that nothing else differs. */
  function wrongAt(right: string, place: number): string {
    const bytes = Buffer.from(right, "latin1");
    bytes[place] = (bytes[place] as number) ^ (1 + randomInt(3));
    return bytes.toString("latin1");
  }

  function measure(right: readonly string[], places: readonly [number, number]): number {
    const exchangeWith = exchangeOver(right.map((value) => keyOf(value, {})));
    const times: [number[], number[]] = [[], []];
    for (let turn = 0; turn < 100_000; turn += 1) {
      const which = randomInt(2) as 0 | 1;
      const exchange = exchangeWith(wrongAt(right[randomInt(right.length)] as string, places[which]));
      const startedAt = process.hrtime.bigint();
      const identity = authenticate(exchange);
      times[which].push(Number(process.hrtime.bigint() - startedAt));
      if (identity !== "unknown") throw new Error("a wrong key was taken");
    }
    return welch(times[0], times[1]);
  }

  it("100,000 wrong keys, half of them right but for the last letter, half wrong from the first (t below 4.5)", () => {
    // Many, so that no chance of a single value (its place in a table, say) is taken for a difference.
    const right = Array.from({ length: 4_000 }, () => `fb-${randomBytes(36).toString("base64url")}`);
    // One that leaks does so each time; a machine with other work on it is unlucky once in a while.
    const runs = Array.from({ length: 3 }, () => measure(right, [50, 0]));
    expect(Math.min(...runs)).toBeLessThan(4.5);
  });
});

describe("10: a key that is taken back is refused within a second", () => {
  it("on every connection and worker, while it is used all the time", async () => {
    await serve([keyOf("fb-leaked", {}), keyOf("fb-kept", {})]);
    const agents = Array.from({ length: 20 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    let revokedAt = Number.POSITIVE_INFINITY;
    const over = new AbortController();
    let lastTaken = 0;
    let refused = 0;
    const use = async (agent: Agent): Promise<void> => {
      while (!over.signal.aborted) {
        const sentAt = performance.now();
        const { status } = await ask("fb-leaked", { agent });
        if (status === 200) lastTaken = Math.max(lastTaken, sentAt);
        else if (status === 401) refused += 1;
        else throw new Error(`answered ${status}`);
      }
    };
    const users = agents.map(use);
    await rig.waitUntil(() => upstream.counts.requests > 100, "traffic");
    expect(refused).toBe(0);
    revokedAt = performance.now();
    await serve([keyOf("fb-kept", {})]);
    await rig.waitUntil(() => refused > 100, "refusals");
    over.abort();
    await Promise.all(users);
    for (const agent of agents) agent.destroy();
    expect(lastTaken - revokedAt).toBeLessThan(1_000);
    expect((await ask("fb-kept")).status).toBe(200);
  });

  it("an earlier value ends at its own time and with its key, and counts for the same limits", async () => {
    const now = Date.now();
    const earlier = ["fb-old", "fb-older"].map((value) => ({ hmac: keyOf(value, {}).hmac, expiresAt: now + 60_000 }));
    const ended = { hmac: keyOf("fb-oldest", {}).hmac, expiresAt: now - 1 };
    const limits = { ...NO_LIMITS, rates: [{ unit: "requests", limit: 3, windowMs: 60_000 }] } as const;
    await serve([keyOf("fb-new", { earlierValues: [...earlier, ended], limits })]);
    const values = ["fb-oldest", "fb-old", "fb-older", "fb-new", "fb-old", "fb-new"];
    const seen: number[] = [];
    for (const value of values) seen.push((await ask(value)).status);
    expect(seen).toEqual([401, 200, 200, 200, 429, 429]);
  });
});

describe("27: a tenant sees and uses nothing of another", () => {
  const keys = [
    keyOf("fb-acme", { id: "a", tenant: "acme", models: ["chat"] }),
    keyOf("fb-acme-2", { id: "a2", tenant: "acme", models: ["chat"] }),
    keyOf("fb-umbrella", { id: "u", tenant: "umbrella", models: ["other"] }),
  ];

  it("models of another key do not exist, in the list, by name and in a call", async () => {
    await serve(keys, { acme: {}, umbrella: {} });
    const get = (value: string, path: string): Promise<Reply> =>
      send({ port: rig.port("models"), path, headers: { "x-api-key": value } });
    const list = (await get("fb-acme", "/v1/models")).json() as { data: { id: string }[] };
    expect(list.data.map(({ id }) => id)).toEqual(["chat"]);
    expect((await get("fb-acme", "/v1/models/chat")).status).toBe(200);
    expect((await get("fb-umbrella", "/v1/models/chat")).status).toBe(404);
    const strange = await ask("fb-umbrella");
    const nothing = await ask("fb-umbrella", { model: "nothing" });
    expect([strange.status, nothing.status]).toEqual([404, 404]);
    // What exists for others and what does not exist at all cannot be told apart.
    expect(strange.text.replaceAll("chat", "nothing").replaceAll(/req_\w+/g, "")).toBe(
      nothing.text.replaceAll(/req_\w+/g, ""),
    );
  });

  it("a key for some routes opens no other: 403, and nothing reaches the upstream", async () => {
    await serve([keyOf("fb-this", { routes: ["@models"] }), keyOf("fb-search", { routes: ["search", "search/v6"] })]);
    const before = upstream.counts.requests;
    const refused = await ask("fb-search");
    expect([refused.status, refused.json().error.code]).toEqual([403, "FB_GATEWAY_KEY_ROUTE"]);
    const list = await send({ port: rig.port("models"), path: "/v1/models", headers: { "api-key": "fb-search" } });
    expect([list.status, upstream.counts.requests]).toEqual([403, before]);
    expect((await ask("fb-this")).status).toBe(200);
  });

  it("no header moves a call to another tenant, and the limits of one stop only its own keys", async () => {
    await serve(keys, { acme: { rates: [{ unit: "requests", limit: 3, windowMs: 60_000 }] }, umbrella: {} });
    const claims = {
      "x-tenant": "umbrella",
      "x-flyball-tenant": "umbrella",
      "x-flyball-key": "u",
      "openai-organization": "umbrella",
      "openai-project": "umbrella",
    };
    const seen: number[] = [];
    for (const value of ["fb-acme", "fb-acme-2", "fb-acme", "fb-acme-2"]) {
      seen.push((await ask(value, { headers: claims })).status);
    }
    expect(seen).toEqual([200, 200, 200, 429]);
    expect((await ask("fb-umbrella", { model: "other", headers: { "x-tenant": "acme" } })).status).toBe(200);
    await vi.waitFor(async () => expect(await settled()).toHaveLength(4));
    const told = (await settled()).map(({ key: id, tenant }) => `${id} ${tenant}`);
    expect(told.toSorted()).toEqual(["a acme", "a acme", "a2 acme", "u umbrella"]);
  });
});

describe("31: 200 at once get no more than there is", () => {
  const perMinute = (unit: "requests" | "tokens", limit: number): Partial<LimitPolicy> => ({
    rates: [{ unit, limit, windowMs: 60_000 }],
  });
  const limited = (limits: Partial<LimitPolicy>): readonly KeySnapshot[] => [
    keyOf("fb-race", { id: "race", limits: { ...NO_LIMITS, ...limits } }),
  ];

  it("requests", async () => {
    await serve(limited(perMinute("requests", 50)));
    expect(counted(await racers("fb-race"))).toEqual({ 200: 50, 429: 150 });
    expect(upstream.counts.requests).toBeGreaterThanOrEqual(50);
  });

  it("requests at once", async () => {
    upstream.set({ delayMs: 100 });
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, upstream.counts.open)), 1);
    await serve(limited({ concurrency: 7 }));
    await racers("fb-race");
    clearInterval(watch);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(7);
    expect((await ask("fb-race")).status).toBe(200);
  });

  it("tokens", async () => {
    await serve(limited(perMinute("tokens", 500)));
    const replies = await racers("fb-race");
    await vi.waitFor(async () => expect(await settled()).toHaveLength(counted(replies)[200] ?? 0));
    const used = (await settled()).reduce((sum, { usage }) => sum + usage.input + usage.output, 0);
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual(500);
  });

  it("money", async () => {
    await serve(limited({ budgets: [{ currency: "usd", microUnits: 2_000, per: "day" }] }));
    const replies = await racers("fb-race", { model: "paid" });
    await vi.waitFor(async () => expect(await settled()).toHaveLength(counted(replies)[200] ?? 0));
    const spent = (await settled()).reduce((sum, { cost }) => sum + cost.usd, 0);
    expect(Object.keys(counted(replies)).toSorted()).toEqual(["200", "429"]);
    expect(spent).toBeGreaterThan(0);
    expect(spent).toBeLessThanOrEqual(2_000);
  });
});
