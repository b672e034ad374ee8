// The response cache on a real gateway: what is given again, what never is, and to whom.
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { JOURNAL_SUFFIX, NO_LIMITS, readJournalLine, type LedgerRecord, type LimitPolicy } from "@flyball/core";
import { createFakeUpstream, DEFAULT_MODEL, type FakeUpstream } from "@flyball/fakes";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { open, send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let rig: Rig;
let upstream: FakeUpstream;
let question = 0;

const LIMITS: LimitPolicy = { ...NO_LIMITS, rates: [{ unit: "requests", limit: 3, windowMs: 60_000 }] };

beforeAll(async () => {
  upstream = await createFakeUpstream();
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret" } });
  rig.send(
    snapshot(1, {
      listeners: ["models"],
      pools: [pool("llm", [endpoint("llm/0@1", upstream.address.port)])],
      models: [
        model("chat", ["llm"], { cache: { timeToLiveMs: 60_000, maximumBytes: 1024 * 1024 } }),
        model("fresh", ["llm"]),
        model("stateful", [], {
          backends: [{ kind: "pool", id: "stateful/llm", pool: "llm", model: "m", traits: "openai" }],
          cache: { timeToLiveMs: 60_000, maximumBytes: 1024 * 1024 },
        }),
      ],
      keys: [
        { ...key("a-one", "secret", ["chat", "fresh", "stateful"]), tenant: "a" },
        { ...key("a-two", "secret", ["chat"]), tenant: "a" },
        { ...key("a-three", "secret", ["chat"]), tenant: "a", limits: LIMITS },
        { ...key("b-one", "secret", ["chat"]), tenant: "b" },
        key("nobodys", "secret", ["chat"]),
      ],
    }),
  );
  await rig.start().ready;
});
afterAll(() => Promise.all([rig.dispose(), upstream.dispose()]));
/** Each test asks something else, so that none finds answers of another. */
beforeEach(() => {
  upstream.reset();
  question += 1;
});

interface Asking {
  readonly as?: string;
  readonly headers?: Record<string, string>;
  readonly path?: string;
}

const messages = (): object[] => [{ role: "user", content: `count ${question}` }];

function ask(more: object = {}, { as = "a-one", headers, path = "/v1/chat/completions" }: Asking = {}): Promise<Reply> {
  return send({
    port: rig.port("models"),
    path,
    headers: { authorization: `Bearer ${as}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "chat", messages: messages(), ...more }),
  });
}

/** How many of the calls reached the upstream. */
async function reaching(calls: () => Promise<unknown>): Promise<number> {
  const before = upstream.counts.requests;
  await calls();
  return upstream.counts.requests - before;
}

const isHit = ({ headers }: Reply): boolean => headers["x-flyball-cache"] === "hit";

async function records(): Promise<LedgerRecord[]> {
  const names = (await readdir(rig.journalFolder)).filter((name) => name.endsWith(JOURNAL_SUFFIX));
  const texts = await Promise.all(names.map((name) => readFile(`${rig.journalFolder}/${name}`, "utf8")));
  return texts.flatMap((text) =>
    text.split("\n").flatMap((line) => {
      const read = readJournalLine(line);
      return read?.type === "settle" ? [read.record] : [];
    }),
  );
}

describe("an equal call of the same tenant", () => {
  it("gets the same bytes again and reaches nobody, also from another key, in another order, for another end user", async () => {
    const first = await ask({ temperature: 0.7 });
    expect(isHit(first)).toBe(false);
    const reached = await reaching(async () => {
      const again = await ask({ temperature: 0.7 });
      expect(isHit(again)).toBe(true);
      expect(again.body.equals(first.body)).toBe(true);
      expect(again.headers["content-type"]).toBe(first.headers["content-type"]);
      expect(again.headers["x-request-id"]).not.toBe(first.headers["x-request-id"]);
      expect(again.headers.age).toBe("0");
      expect(isHit(await ask({ user: "u2", temperature: 0.7 }, { as: "a-two" }))).toBe(true);
    });
    expect(reached).toBe(0);
    expect(isHit(await ask({ temperature: 0.8 }))).toBe(false);
  });

  it("gets a stream frame by frame, and streams and whole answers stay apart", async () => {
    const whole = await ask();
    const first = await ask({ stream: true });
    const again = await ask({ stream: true });
    expect([whole, first, again].map(isHit)).toEqual([false, false, true]);
    expect(again.body.equals(first.body)).toBe(true);
    expect(again.headers["content-type"]).toBe(first.headers["content-type"]);
    expect(again.text.endsWith("data: [DONE]\n\n")).toBe(true);
    const withUsage = await ask({ stream: true, stream_options: { include_usage: true } });
    expect(isHit(withUsage)).toBe(false);
    expect(withUsage.text).toContain('"usage":{');
  });

  it("is kept apart for each dialect", async () => {
    const message = { max_tokens: 10 };
    const asking = { path: "/v1/messages", headers: { "anthropic-version": "2023-06-01" } };
    expect(isHit(await ask(message))).toBe(false);
    const first = await ask(message, asking);
    expect(isHit(first)).toBe(false);
    const again = await ask(message, asking);
    expect(isHit(again)).toBe(true);
    expect(again.body.equals(first.body)).toBe(true);
    expect(isHit(await ask({ ...message, stream: true }, asking))).toBe(false);
    const streamed = await ask({ ...message, stream: true }, asking);
    expect(isHit(streamed)).toBe(true);
    expect(streamed.text).toContain("event: message_stop");
  });

  it("is a request and no tokens to limits and ledger", async () => {
    for (const expected of [false, true, true]) expect(isHit(await ask({}, { as: "a-three" }))).toBe(expected);
    expect((await ask({}, { as: "a-three" })).status).toBe(429);
    const own = async (): Promise<LedgerRecord[]> => (await records()).filter((record) => record.key === "key-a-three");
    await vi.waitFor(async () => expect(await own()).toHaveLength(3));
    const cached = (await own()).filter(({ isCached }) => isCached);
    expect(cached).toHaveLength(2);
    expect(cached[0]).toMatchObject({ outcome: "answered", status: 200, attempts: [], usage: { input: 0, output: 0 } });
  });
});

describe("27: the cache of one tenant", () => {
  it("answers no other tenant, nor one without a tenant", async () => {
    upstream.setNext({ model: { ...DEFAULT_MODEL, parts: [{ kind: "text", pieces: ["canary of tenant a"] }] } });
    expect((await ask()).text).toContain("canary of tenant a");
    for (const as of ["b-one", "nobodys"]) {
      for (const stream of [false, true]) {
        const reply = await ask({ stream }, { as });
        expect(isHit(reply)).toBe(false);
        expect(reply.text).not.toContain("canary");
      }
    }
    expect((await ask({}, { as: "a-two" })).text).toContain("canary of tenant a");
  });

  it("is not opened by a key without the model, nor by none", async () => {
    await ask();
    expect((await ask({}, { as: "unknown" })).status).toBe(401);
    expect((await ask({ model: "fresh" }, { as: "b-one" })).status).toBe(404);
  });

  it("is not reached by a body that names a tenant", async () => {
    await ask();
    expect(isHit(await ask({ tenant: "a" }, { as: "b-one" }))).toBe(false);
    expect(isHit(await ask({}, { as: "b-one", headers: { "x-flyball-tenant": "a", "x-tenant": "a" } }))).toBe(false);
  });
});

describe("what is not kept", () => {
  it("passes by with no-store, and is made anew with no-cache", async () => {
    await ask({}, { headers: { "cache-control": "no-store" } });
    expect(isHit(await ask())).toBe(false);
    upstream.setNext({ model: { ...DEFAULT_MODEL, parts: [{ kind: "text", pieces: ["newer"] }] } });
    expect((await ask({}, { headers: { "cache-control": "no-cache" } })).text).toContain("newer");
    const reply = await ask();
    expect(isHit(reply)).toBe(true);
    expect(reply.text).toContain("newer");
    expect(isHit(await ask({}, { headers: { "cache-control": "no-store" } }))).toBe(false);
  });

  it("is an error, a cut stream, and a stream whose client left", async () => {
    upstream.setNext({ status: 400, body: '{"error":{"message":"no","code":"bad"}}' });
    expect((await ask()).status).toBe(400);
    expect(isHit(await ask())).toBe(false);
    upstream.setNext({ model: { ...DEFAULT_MODEL, trouble: { atPiece: 2, kind: "cut" } } });
    expect((await ask({ stream: true })).text).toContain("FB_GATEWAY_STREAM_CUT");
    upstream.setNext({ model: { ...DEFAULT_MODEL, trouble: { atPiece: 2, kind: "stall" } } });
    const leaving = open({
      port: rig.port("models"),
      path: "/v1/chat/completions",
      headers: { authorization: "Bearer a-one", "content-type": "application/json" },
      body: "",
    });
    leaving.on("response", (response) => response.once("data", () => leaving.destroy()));
    leaving.end(JSON.stringify({ model: "chat", messages: messages(), stream: true }));
    await upstream.until(({ aborted }) => aborted === 1);
    expect(isHit(await ask({ stream: true }))).toBe(false);
    expect(isHit(await ask({ stream: true }))).toBe(true);
  });

  it("is any call of a model without a cache, and any that makes state at its provider", async () => {
    expect(await reaching(async () => [await ask({ model: "fresh" }), await ask({ model: "fresh" })])).toBe(2);
    const respond = (more: object): Promise<Reply> =>
      ask({ model: "stateful", messages: undefined, input: `count ${question}`, ...more }, { path: "/v1/responses" });
    expect(await reaching(async () => [await respond({}), await respond({})])).toBe(1);
    const more = { previous_response_id: "resp_1" };
    expect(await reaching(async () => [await respond(more), await respond(more)])).toBe(2);
  });
});
