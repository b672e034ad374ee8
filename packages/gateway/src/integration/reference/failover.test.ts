// Tests 11, 12 and 13 of the reference list: who refuses is left alone for as long as it asked, and somebody else serves.
import type { IncomingHttpHeaders } from "node:http";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { BackendSnapshot } from "@flyball/core";
import type { RecordedRequest, UpstreamAnswer, UpstreamBehaviour } from "@flyball/fakes";
import { createRig, type Rig } from "../../testdata/gateway-process.ts";
import { key, model, snapshot } from "../../testdata/snapshots.ts";
import { send } from "../../testdata/test-client.ts";
import { CLIENT_KEY, FACES, NAMED_PAIRS, PAIRS, type ClientFace, type DialectPair } from "./testdata/client-faces.ts";
import { createDialectStage, FIRST_TEXT, SECOND_TEXT, type DialectStage } from "./testdata/dialect-stage.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: DialectStage;
beforeAll(async () => {
  stage = await createDialectStage({ workers: 2 });
});
afterAll(() => stage.dispose());

const CHAT = PAIRS[0] as DialectPair;
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Which worker served a request: the ids that it gives begin alike. */
const workerOf = ({ "x-request-id": id }: IncomingHttpHeaders): string =>
  String(id).slice(0, String(id).lastIndexOf("_"));

/** An error answer in the form of whoever is asked. */
function refusal(status: number, type: string, headers: Record<string, string> = {}): Partial<UpstreamBehaviour> {
  return {
    respond: ({ url }: RecordedRequest): UpstreamAnswer => {
      const error = { type, message: "not now", ...(url.endsWith("/messages") ? {} : { param: null, code: type }) };
      return {
        status,
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify(url.endsWith("/messages") ? { type: "error", error } : { error }),
      };
    },
  };
}

async function closedPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("3.11 a 429 with Retry-After", () => {
  it("keeps every worker away from that target until its time is over, and not longer", async () => {
    await stage.fresh();
    stage.first.set(refusal(429, "rate_limit_exceeded", { "retry-after": "2" }));
    const before = stage.first.counts.requests;
    const workers = new Set<string>();
    expect((await stage.ask(CHAT)).status).toBe(200);
    const refusedAt = performance.now();
    // New connections, many at once: both workers take some.
    while (performance.now() - refusedAt < 1_800) {
      const replies = await Promise.all(Array.from({ length: 16 }, () => stage.ask(CHAT)));
      expect(replies.every(({ status, text }) => status === 200 && CHAT.face.said(text) === SECOND_TEXT)).toBe(true);
      for (const { headers } of replies) workers.add(workerOf(headers));
      await sleep(100);
    }
    expect(stage.first.counts.requests - before).toBe(1);
    expect(workers.size).toBe(2);
    stage.first.reset();
    await sleep(Math.max(0, 2_050 - (performance.now() - refusedAt)));
    const replies = await Promise.all(Array.from({ length: 16 }, () => stage.ask(CHAT)));
    expect(replies.map(({ text }) => CHAT.face.said(text))).toEqual(Array(16).fill(FIRST_TEXT));
  });

  it.each(FACES.map((face) => [face.name, face] as const))(
    "from all targets is a 429 with the earliest time, on every worker, in the form of %s",
    async (_name, face) => {
      const pair = PAIRS.findLast((each) => each.face === face) as DialectPair;
      await stage.fresh();
      stage.first.set(refusal(429, "rate_limit_error", { "retry-after": "9" }));
      stage.second.set(refusal(429, "rate_limit_error", { "retry-after": "5" }));
      const [first, second] = [stage.first.counts.requests, stage.second.counts.requests];
      const refused = [await stage.ask(pair)];
      // By now both targets rest, and no worker asks them.
      refused.push(...(await Promise.all(Array.from({ length: 24 }, () => stage.ask(pair)))));
      for (const { status, headers, json } of refused) {
        expect(status).toBe(429);
        // All workers see the time in ticks of 16 ms, rounded up.
        expect(Number(headers["retry-after-ms"])).toBeGreaterThan(4_000);
        expect(Number(headers["retry-after-ms"])).toBeLessThanOrEqual(5_016);
        expect(headers["retry-after"]).toBe(String(Math.ceil(Number(headers["retry-after-ms"]) / 1_000)));
        expect(json().error).toMatchObject({ type: "rate_limit_error" });
      }
      expect([stage.first.counts.requests - first, stage.second.counts.requests - second]).toEqual([1, 1]);
    },
  );

  it("from the last target that was left names the earliest time, of it or of those that rested already", async () => {
    await stage.fresh();
    stage.first.set(refusal(429, "rate_limit_exceeded", { "retry-after": "30" }));
    expect((await stage.ask(CHAT)).status).toBe(200);
    stage.second.set(refusal(429, "rate_limit_exceeded", { "retry-after": "5" }));
    const reply = await stage.ask(CHAT);
    expect([reply.status, reply.json().error.code, reply.headers["retry-after"]]).toEqual([
      429,
      "FB_GATEWAY_COOLING",
      "5",
    ]);
    expect(reply.json().error.message).toContain("the first is back in 5 s");
  });

  it("is never shortened by another one that comes later and says less, on the same worker or another", async () => {
    const met = new Set<boolean>();
    for (let round = 0; round < 30 && met.size < 2; round += 1) {
      await stage.fresh();
      let calls = 0;
      stage.first.set({
        respond(request) {
          calls += 1;
          return refusal(429, "rate_limit_exceeded", { "retry-after": calls === 1 ? "8" : "1" }).respond?.(request);
        },
      });
      // Two on their way at once: the first answer says eight seconds, the second one says one.
      stage.first.setNext({ delayMs: 60 });
      stage.first.setNext({ delayMs: 90 });
      const replies = await Promise.all([stage.ask(CHAT, { isAlone: true }), stage.ask(CHAT, { isAlone: true })]);
      expect([calls, ...replies.map(({ status }) => status)]).toEqual([2, 429, 429]);
      met.add(new Set(replies.map(({ headers }) => workerOf(headers))).size === 1);
      const later = await Promise.all(Array.from({ length: 8 }, () => stage.ask(CHAT, { isAlone: true })));
      for (const { status, headers } of later) {
        expect(status).toBe(429);
        expect(Number(headers["retry-after"])).toBeGreaterThan(6);
      }
      expect(calls).toBe(2);
    }
    expect(met.size).toBe(2);
  });

  it("is told apart from a model that has no target at all", async () => {
    await stage.fresh({ firstPorts: [] });
    const reply = await stage.ask(CHAT, { isAlone: true });
    expect([reply.status, reply.json().error.code]).toEqual([503, "FB_GATEWAY_NO_ENDPOINT"]);
  });
});

describe("3.12 a first target that fails", () => {
  const FAULTS: readonly (readonly [name: string, behaviour: Partial<UpstreamBehaviour>])[] = [
    ["resets the connection", { fault: { kind: "reset" } }],
    ["answers 500", refusal(500, "api_error")],
    ["answers 502", refusal(502, "api_error")],
    ["answers 503", refusal(503, "overloaded_error")],
    ["answers 529", refusal(529, "overloaded_error")],
    ["answers 429 with a header", refusal(429, "rate_limit_error", { "retry-after": "3" })],
    ["answers 429 without a header", refusal(429, "rate_limit_error")],
    ["answers 429 in HTML", { status: 429, headers: { "content-type": "text/html" }, body: "<h1>busy</h1>" }],
    ["answers 402", refusal(402, "insufficient_quota")],
  ];

  describe.each(NAMED_PAIRS)("of %s", (_name, pair) => {
    it("refuses connections: the second one serves", async () => {
      await stage.fresh({ firstPorts: [await closedPort()] });
      await expectSecond(pair);
    });

    it.each(FAULTS)("%s: the second one serves", async (_fault, behaviour) => {
      await stage.fresh();
      stage.first.set(behaviour);
      await expectSecond(pair);
    });
  });

  async function expectSecond(pair: DialectPair): Promise<void> {
    const streamed = await stage.ask(pair);
    expect([streamed.status, pair.face.said(streamed.text)]).toEqual([200, SECOND_TEXT]);
    expect(streamed.headers["x-flyball-backend"]).toBe(`${pair.backend}/second`);
    const whole = await stage.ask(pair, { isStream: false });
    expect([whole.status, pair.face.saidWhole(whole.text)]).toEqual([200, SECOND_TEXT]);
  }
});

describe("3.13 two keys of one provider, one of them bad", () => {
  let rig: Rig;
  let version = 0;
  beforeAll(async () => {
    rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret", bad: "sk-bad", good: "sk-good" } });
    rig.send(snapshot(++version, { listeners: ["models"] }));
    await rig.start().ready;
  });
  afterAll(() => rig.dispose());

  /** Two backends that differ in their key alone, in random order unless `isOrdered`. */
  async function publish(provider: DialectPair["backend"], isOrdered: boolean): Promise<void> {
    version += 1;
    const backend = (secret: string): BackendSnapshot => ({
      kind: "provider",
      id: `${secret}@${version}`,
      provider,
      baseUrl: `${stage.first.url}/v1`,
      model: "fake-model",
      apiKeySecret: secret,
      ...(isOrdered ? {} : { weight: 1 }),
    });
    const backends = [backend("bad"), backend("good")];
    const applied = await rig.publish(
      snapshot(version, {
        listeners: ["models"],
        models: [{ ...model("chat", []), backends }],
        keys: [key(CLIENT_KEY, "secret", ["chat"])],
      }),
    );
    expect(applied).toBe("applied");
  }

  const keyOf = ({ headers }: RecordedRequest): string =>
    String(headers["x-api-key"] ?? headers.authorization).replace("Bearer ", "");
  const ask = (face: ClientFace) =>
    send({
      port: rig.port("models"),
      path: face.path,
      method: "POST",
      headers: face.headers,
      body: JSON.stringify(face.body("chat", true)),
    });

  it.each([401, 403, 429, 500])("the second attempt after its %i always uses the other", async (status) => {
    await stage.fresh();
    stage.first.set({
      respond: (request) =>
        keyOf(request) === "sk-bad" ? refusal(status, "authentication_error").respond?.(request) : undefined,
    });
    for (const { face, backend } of PAIRS) {
      for (const isOrdered of [true, false, false, false]) {
        await publish(backend, isOrdered);
        const before = stage.first.requests.length;
        const reply = await ask(face);
        expect([reply.status, face.said(reply.text)]).toEqual([200, FIRST_TEXT]);
        const keys = stage.first.requests.slice(before).map(keyOf);
        if (isOrdered) expect(keys).toEqual(["sk-bad", "sk-good"]);
        else expect([["sk-good"], ["sk-bad", "sk-good"]]).toContainEqual(keys);
        expect(reply.text).not.toContain("sk-");
      }
    }
  });

  it("rests once it was refused, so that later calls use the good one at once", async () => {
    await stage.fresh();
    stage.first.set({
      respond: (request) =>
        keyOf(request) === "sk-bad" ? refusal(401, "authentication_error").respond?.(request) : undefined,
    });
    await publish("openai-compatible", true);
    const before = stage.first.requests.length;
    for (let call = 0; call < 5; call += 1) expect((await ask(CHAT.face)).status).toBe(200);
    expect(stage.first.requests.slice(before).map(keyOf)).toEqual(["sk-bad", ...Array<string>(5).fill("sk-good")]);
  });
});
