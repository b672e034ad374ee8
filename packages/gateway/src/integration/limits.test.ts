// Limits, budgets and the ledger of model calls, on a real gateway: what is refused, what is written down, what survives a kill.
import { readdir, readFile } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  JOURNAL_SUFFIX,
  NO_LIMITS,
  readJournalLine,
  type JournalLine,
  type KeySnapshot,
  type LedgerRecord,
  type LimitPolicy,
  type ModelSnapshot,
  type RateLimit,
} from "@flyball/core";
import { createFakeUpstream, DEFAULT_MODEL, type FakeUpstream } from "@flyball/fakes";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let rig: Rig;
let upstream: FakeUpstream;
let version = 0;

beforeAll(async () => {
  upstream = await createFakeUpstream();
});
afterAll(() => upstream.dispose());
beforeEach(async () => {
  upstream.reset();
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret" }, workers: 2, spares: 2 });
});
afterEach(() => rig.dispose());

const perMinute = (unit: RateLimit["unit"], limit: number): RateLimit => ({ unit, limit, windowMs: 60_000 });

interface Shown {
  readonly key?: Partial<LimitPolicy>;
  readonly tenant?: Partial<LimitPolicy>;
  readonly model?: Partial<LimitPolicy>;
}

function policy(limits: Partial<LimitPolicy> | undefined): LimitPolicy | undefined {
  return limits && { ...NO_LIMITS, ...limits };
}

async function start(shown: Shown): Promise<void> {
  version += 1;
  const served: ModelSnapshot = {
    ...model("chat", ["llm"]),
    ...(shown.model ? { limits: policy(shown.model) } : {}),
  } as ModelSnapshot;
  const used: KeySnapshot = {
    ...key("fb-key", "secret", ["chat"]),
    tenant: "acme",
    ...(shown.key ? { limits: policy(shown.key) } : {}),
  } as KeySnapshot;
  rig.send(
    snapshot(version, {
      listeners: ["models"],
      pools: [pool("llm", [endpoint("llm/0@1", upstream.address.port)])],
      models: [served],
      keys: [used],
      tenants: shown.tenant ? [{ id: "acme", limits: policy(shown.tenant) as LimitPolicy }] : [],
    }),
  );
  await rig.start(version).ready;
}

function ask(more: object = {}): Promise<Reply> {
  return send({
    port: rig.port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: "Bearer fb-key", "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", max_tokens: 10, messages: [{ role: "user", content: "count" }], ...more }),
  });
}

const statuses = (replies: readonly Reply[]): Record<number, number> =>
  Object.fromEntries(
    Map.groupBy(replies, ({ status }) => status)
      .entries()
      .map(([status, list]) => [status, list.length]),
  );

const many = (count: number, more?: object): Promise<Reply[]> =>
  Promise.all(Array.from({ length: count }, () => ask(more)));

/** Every whole line of every journal. */
async function journalLines(): Promise<JournalLine[]> {
  const folder = rig.journalFolder;
  const names = (await readdir(folder)).filter((name) => name.endsWith(JOURNAL_SUFFIX));
  const texts = await Promise.all(names.map((name) => readFile(`${folder}/${name}`, "utf8")));
  return texts.flatMap((text) => text.split("\n").flatMap((line) => readJournalLine(line) ?? []));
}

/** What was settled. */
async function settled(): Promise<LedgerRecord[]> {
  return (await journalLines()).flatMap((line) => (line.type === "settle" ? [line.record] : []));
}

describe("limits of a key, a tenant and a model", () => {
  it.each(["key", "tenant", "model"] as const)("let exactly the rate of a %s through two workers", async (subject) => {
    const before = upstream.counts.requests;
    await start({ [subject]: { rates: [perMinute("requests", 20)] } });
    const replies = await many(60);
    expect(statuses(replies)).toEqual({ 200: 20, 429: 40 });
    const refused = replies.find(({ status }) => status === 429);
    expect(Number(refused?.headers["retry-after"])).toBeGreaterThan(50);
    expect(refused?.json()).toMatchObject({ error: { code: "FB_GATEWAY_LIMIT", type: "rate_limit_error" } });
    expect(upstream.counts.requests - before).toBe(20);
  });

  it("let no more at once than the bound, and give every place back", async () => {
    upstream.set({ delayMs: 150 });
    await start({ key: { concurrency: 5 } });
    expect(statuses(await many(12))).toEqual({ 200: 5, 429: 7 });
    expect(statuses(await many(5))).toEqual({ 200: 5 });
  });

  it("count the tokens that a call used, and refuse one that asks for more than there can be", async () => {
    await start({ tenant: { rates: [perMinute("tokens", 200)] } });
    expect((await ask()).status).toBe(200);
    const tooLarge = await ask({ max_tokens: 500 });
    expect(tooLarge.status).toBe(429);
    expect(tooLarge.json()).toMatchObject({ error: { code: "FB_GATEWAY_LIMIT_TOO_SMALL" } });
    expect(tooLarge.headers["x-should-retry"]).toBe("false");
    // 10 tokens were used of 200; what was reserved beyond them was given back.
    expect((await ask({ max_tokens: 100 })).status).toBe(200);
  });

  it("cut a stream without a bound when its tokens are spent", async () => {
    upstream.set({
      model: {
        ...DEFAULT_MODEL,
        parts: [{ kind: "text", pieces: Array.from({ length: 2_000 }, (_, index) => ` word${index}`) }],
        usage: undefined,
      },
    });
    await start({ key: { rates: [perMinute("tokens", 1_000)] } });
    const { text } = await ask({ max_tokens: undefined, stream: true });
    // Nine bytes a word at half a token a byte, as long as nothing is known of the model.
    expect(text).toContain("word190");
    expect(text).toContain("FB_GATEWAY_STREAM_SPENT");
    expect(text).not.toContain("[DONE]");
    await vi.waitFor(() => expect(upstream.counts.open).toBe(0));
  });

  it("say in Anthropic's form what they refuse", async () => {
    await start({ key: { rates: [perMinute("requests", 1)] } });
    await ask();
    const reply = await send({
      port: rig.port("models"),
      path: "/v1/messages",
      headers: { "x-api-key": "fb-key", "anthropic-version": "2023-06-01", "content-type": "application/json" },
      body: JSON.stringify({ model: "chat", max_tokens: 10, messages: [{ role: "user", content: "count" }] }),
    });
    expect(reply.status).toBe(429);
    expect(reply.json()).toMatchObject({ type: "error", error: { type: "rate_limit_error" } });
  });
});

describe("the ledger", () => {
  it("writes down each call once, with what the backend reported, streamed or not", async () => {
    await start({});
    await ask();
    const { text } = await ask({ stream: true });
    expect(text).not.toContain('"usage":{');
    await vi.waitFor(async () => expect(await settled()).toHaveLength(2));
    for (const record of await settled()) {
      expect(record).toMatchObject({ outcome: "answered", isEstimated: false, usage: { input: 7, output: 3 } });
    }
  });

  it("estimates what nobody reported, never below what was delivered", async () => {
    upstream.set({ model: { ...DEFAULT_MODEL, usage: undefined } });
    await start({});
    await ask({ stream: true });
    await vi.waitFor(async () => expect(await settled()).toHaveLength(1));
    const [record] = await settled();
    expect(record?.isEstimated).toBe(true);
    expect(record?.usage.output).toBeGreaterThanOrEqual(3);
  });

  it("settles what a killed gateway left open, and goes on with its counts", async () => {
    await start({ key: { rates: [perMinute("requests", 10)] } });
    expect(statuses(await many(6))).toEqual({ 200: 6 });
    await vi.waitFor(async () => expect(await settled()).toHaveLength(6));
    upstream.set({ delayMs: 10_000 });
    const hanging = many(2).catch(() => []);
    await upstream.until(({ open }) => open === 2);
    await vi.waitFor(async () => {
      const lines = await journalLines();
      const done = new Set(lines.flatMap((line) => (line.type === "settle" ? [line.record.id] : [])));
      const begun = new Set(lines.flatMap((line) => (line.type === "reserve" ? [line.id] : [])));
      expect(begun.difference(done).size).toBe(2);
    });
    // What counted in the 20 ms before the rates were written down may count twice: never too little, but here it is to be exact.
    const reservedAt = Date.now();
    await vi.waitFor(
      async () => {
        const dump = JSON.parse(await readFile(`${rig.journalFolder}/rates.json`, "utf8")) as { at: number };
        expect(dump.at).toBeGreaterThan(reservedAt + 25);
      },
      { timeout: 5_000 },
    );
    process.kill(rig.pid, "SIGKILL");
    await hanging;
    upstream.reset();
    await rig.start(99).ready;
    expect(statuses(await many(5))).toEqual({ 200: 2, 429: 3 });
    await vi.waitFor(async () => {
      const records = await settled();
      expect(records.filter(({ outcome }) => outcome === "lost")).toHaveLength(2);
      expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
    });
  });
});
