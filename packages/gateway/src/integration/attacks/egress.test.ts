// Attacks 6 and 7: a way out that leads inside, and keys of providers that go where they do not belong. The gateway runs with a DNS that
// the attacker holds.
import type { BackendSnapshot, ModelSnapshot } from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createRig, type GatewayProcess, type Rig } from "../../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../../testdata/snapshots.ts";
import { send, type Reply } from "../../testdata/test-client.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

const VIRTUAL_KEY = "fb-egress-key";
const SECRETS = { "@keys": "canary-key-secret", a: "sk-canary-a", b: "sk-canary-b", c: "sk-canary-c" };
/** What each name stands for, look-up by look-up; the last one stays. */
const NAMES = {
  "inside.example": [["127.0.0.1"]],
  "mapped.example": [["::ffff:127.0.0.1"]],
  "mixed.example": [["93.184.216.34", "127.0.0.1"]],
  "metadata.example": [["169.254.169.254"]],
  "link-local.example": [["fe80::1"]],
  "allowed.example": [["127.0.0.1"]],
  "rebound.example": [["127.0.0.1"], ["169.254.169.254"]],
};

/** An answer that would be passed on under a 200. */
const ANSWER = JSON.stringify({
  object: "chat.completion",
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
});
const TIMEOUTS = { connectMs: 300, firstByteMs: 2_000, gapMs: 2_000, totalMs: 0 };

let rig: Rig;
let gateway: GatewayProcess;
let version = 0;
let a: FakeUpstream;
let b: FakeUpstream;
/** What nobody may reach. */
let inside: FakeUpstream;

beforeAll(async () => {
  [a, b, inside] = await Promise.all([createFakeUpstream(), createFakeUpstream(), createFakeUpstream()]);
  rig = await createRig({
    listeners: ["models"],
    secrets: SECRETS,
    environment: { TEST_NAMES: JSON.stringify(NAMES), HTTP_PROXY: "", http_proxy: "" },
  });
  rig.send(served([]));
  gateway = rig.start();
  await gateway.ready;
});
afterAll(async () => {
  await rig.dispose();
  await Promise.all([a, b, inside].map((upstream) => upstream.dispose()));
});
beforeEach(() => {
  for (const upstream of [a, b, inside]) upstream.reset();
});

type Provider = Extract<BackendSnapshot, { kind: "provider" }>;

function provider(id: string, baseUrl: string, more: Partial<Provider> = {}): BackendSnapshot {
  return { kind: "provider", id, provider: "acme", baseUrl, model: "m", ...more };
}

function served(models: readonly ModelSnapshot[]) {
  version += 1;
  return snapshot(version, {
    listeners: ["models"],
    pools: [pool("own", [endpoint("own/0@1", b.address.port)])],
    models,
    keys: [key(VIRTUAL_KEY, SECRETS["@keys"], ["*"])],
  });
}

/** Serves one model from these backends. */
async function serve(backends: readonly BackendSnapshot[], more: Partial<ModelSnapshot> = {}): Promise<void> {
  expect(await rig.publish(served([{ ...model("chat", []), timeouts: TIMEOUTS, backends, ...more }]))).toBe("applied");
}

/** Serves a model for each of these backends. */
async function serveEach(backends: readonly (readonly [name: string, BackendSnapshot])[]): Promise<void> {
  const models = backends.map(([name, backend]) => ({ ...model(name, []), timeouts: TIMEOUTS, backends: [backend] }));
  expect(await rig.publish(served(models))).toBe("applied");
}

const askEach = (names: readonly string[], more: object = {}): Promise<readonly Reply[]> =>
  Promise.all(names.map((name) => ask({ body: { model: name, ...more } })));

interface Ask {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: object;
}

function ask({ path = "/v1/chat/completions", headers = {}, body = {} }: Ask = {}): Promise<Reply> {
  return send({
    port: rig.port("models"),
    path,
    headers: { authorization: `Bearer ${VIRTUAL_KEY}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: "chat", max_tokens: 9, messages: [{ role: "user", content: "hi" }], ...body }),
  });
}

/** All that reached an upstream, as text. */
function seenBy(upstream: FakeUpstream): string {
  return upstream.requests.map(({ url, headers, body }) => `${url} ${JSON.stringify(headers)} ${body}`).join("\n");
}

/** A client learns nothing of where things are. */
function expectNothingTold({ text, headers }: Reply): void {
  const said = text + JSON.stringify(headers);
  expect(said).not.toMatch(/169\.254|127\.0\.0\.1|fe80|sk-canary/);
  expect(headers.location).toBeUndefined();
}

describe("6: nothing leads a call inside", () => {
  it.each([
    ["a member of the body", (url: string): Ask => ({ body: { api_base: url, base_url: url, custom_host: url, url } })],
    [
      "a header",
      (url: string): Ask => ({ headers: { "x-portkey-custom-host": url, "x-base-url": url, "api-base": url } }),
    ],
    ["the query", (url: string): Ask => ({ path: `/v1/chat/completions?api_base=${encodeURIComponent(url)}` })],
    ["the host header", (url: string): Ask => ({ headers: { host: new URL(url).host } })],
    ["a forwarded host", (url: string): Ask => ({ headers: { "x-forwarded-host": new URL(url).host } })],
  ])("%s names no place", async (_where, asked) => {
    await serve([provider("chat/0", `${a.url}/v1`)]);
    const { requests, connections } = inside.counts;
    const reply = await ask(asked(inside.url));
    expect([200, 400]).toContain(reply.status);
    expect(inside.counts).toMatchObject({ requests, connections });
  });

  it("a base URL with a metadata address is never called, whatever the manifest allows", async () => {
    await serve([provider("chat/0", "http://169.254.169.254/v1", { network: "private" })]);
    const reply = await ask();
    expect([reply.status, reply.json().error.code]).toEqual([502, "FB_GATEWAY_CONNECT"]);
    expectNothingTold(reply);
  });

  it("nor is one of the other forms of such an address", async () => {
    const hosts = [
      "2852039166",
      "0xa9.0xfe.0xa9.0xfe",
      "0251.0376.0251.0376",
      "[::ffff:169.254.169.254]",
      "[::169.254.169.254]",
      "[64:ff9b::a9fe:a9fe]",
      "[fe80::1]",
      "[fd00:ec2::254]",
      "100.100.100.200",
      "user@169.254.169.254",
    ];
    await serve(hosts.map((host, index) => provider(`chat/${index}`, `http://${host}/v1`, { network: "private" })));
    const reply = await ask();
    expect(reply.status).toBe(502);
    expectNothingTold(reply);
    const refusals = gateway
      .log()
      .split("\n")
      .filter((line) => line.includes("a provider was not called"));
    expect(new Set(refusals.map((line) => /"origin":"([^"]+)"/.exec(line)?.[1])).size).toBeGreaterThanOrEqual(7);
  });

  it("no name leads inside, in none of the forms of an address and with one such address among others", async () => {
    const { connections } = inside.counts;
    const names = ["inside.example", "mapped.example", "mixed.example"];
    const at = (name: string): string => `http://${name}:${inside.address.port}/v1`;
    await serveEach(names.map((name) => [name, provider(`${name}/0`, at(name), { apiKeySecret: "a" })]));
    for (const [index, reply] of (await askEach(names)).entries()) {
      expect(reply.status).toBe(502);
      expectNothingTold(reply);
      expect(gateway.log()).toContain(`${names[index]} resolves to`);
    }
    expect(inside.counts.connections).toBe(connections);
  });

  it("no name leads to metadata and link-local addresses even where private ones are allowed", async () => {
    const names = ["metadata.example", "link-local.example"];
    await serveEach(names.map((name) => [name, provider(`${name}/0`, `http://${name}/v1`, { network: "private" })]));
    for (const [index, reply] of (await askEach(names)).entries()) {
      expect(reply.status).toBe(502);
      expectNothingTold(reply);
      expect(gateway.log()).toContain(`${names[index]} resolves to`);
    }
  });

  it("what the manifest's author wrote is called: an address inside, and a name inside with network: private", async () => {
    await serve([provider("chat/0", `${a.url}/v1`)]);
    expect((await ask()).status).toBe(200);
    const named = `http://allowed.example:${a.address.port}/v1`;
    await serve([provider("chat/0", named, { network: "private" })]);
    expect((await ask()).status).toBe(200);
    // Taken back, connections that stand from before are not used either.
    await serve([provider("chat/0", named)]);
    expect((await ask()).status).toBe(502);
  });

  it("a name that is bound anew is looked at anew, at each connection", async () => {
    await serve([provider("chat/0", `http://rebound.example:${a.address.port}/v1`, { network: "private" })]);
    expect((await ask()).status).toBe(200);
    a.set({ headers: { "content-type": "application/json", connection: "close" }, model: undefined });
    await ask();
    expect((await ask()).status).toBe(502);
  });

  it("a redirect is neither followed nor passed on, whatever its status", async () => {
    const { connections } = inside.counts;
    const statuses = ["300", "301", "302", "303", "307", "308"];
    const headers = { "content-type": "application/json", location: `${inside.url}/latest/meta-data` };
    a.set({
      respond: ({ body }) => ({ status: Number(JSON.parse(body.toString()).model), headers, body: ANSWER }),
    });
    await serveEach(statuses.map((status) => [status, provider(status, `${a.url}/v1`, { model: status })]));
    const replies = [...(await askEach(statuses)), ...(await askEach(statuses, { stream: true }))];
    for (const reply of replies) {
      expect(reply.status).toBe(502);
      expectNothingTold(reply);
    }
    expect(inside.counts.connections).toBe(connections);
  });
});

describe("7: a provider's key goes to its own origin only", () => {
  const both = (more: Partial<Provider> = {}): readonly BackendSnapshot[] => [
    provider("chat/0", `${a.url}/v1`, { apiKeySecret: "a", ...more }),
    provider("chat/1", `${b.url}/v1`, { apiKeySecret: "b" }),
  ];

  /** Each place saw its own key, and neither another's nor that of the client. */
  function expectOwnKeys(): void {
    for (const [upstream, own] of [
      [a, "a"],
      [b, "b"],
      [inside, ""],
    ] as const) {
      const seen = seenBy(upstream);
      for (const [name, secret] of Object.entries(SECRETS)) {
        if (name !== own) expect(seen.includes(secret), `${name} at ${own || "inside"}`).toBe(false);
      }
      expect(seen).not.toContain(VIRTUAL_KEY);
    }
    for (const { headers } of [...a.requests, ...b.requests]) {
      const given = [headers.authorization, headers["x-api-key"], headers["api-key"]].filter(
        (each) => each !== undefined,
      );
      expect(given.length).toBeLessThan(2);
    }
  }

  it.each([
    ["an error", { status: 500, model: undefined }],
    ["a refused key", { status: 401, model: undefined }],
    ["a reset", { fault: { kind: "reset" } }],
    ["a redirect to the other", { status: 307, model: undefined, headers: { location: "OTHER" }, body: "" }],
    ["a redirect elsewhere", { status: 308, model: undefined, headers: { location: "INSIDE" }, body: "" }],
  ] as const)("over a failover after %s", async (_what, behaviour) => {
    const headers = JSON.stringify("headers" in behaviour ? behaviour.headers : { "content-type": "application/json" })
      .replace("OTHER", `${b.url}/v1/chat/completions`)
      .replace("INSIDE", `${inside.url}/v1/chat/completions`);
    a.set({ ...behaviour, headers: JSON.parse(headers) as Record<string, string> });
    await serve(both());
    const before = [a, b, inside].map(({ counts }) => counts.requests);
    const reply = await ask();
    expect(reply.status).toBe(200);
    expect(reply.headers["x-flyball-backend"]).toBe("chat/1");
    const after = [a, b, inside].map(({ counts }, index) => counts.requests - (before[index] ?? 0));
    expect([after[0] ?? 0, after[1], after[2]]).toEqual([expect.any(Number), 1, 0]);
    expect(b.requests.at(-1)?.headers.authorization).toBe(`Bearer ${SECRETS.b}`);
    expectOwnKeys();
  });

  it("in every dialect, with keys that the client brings for them", async () => {
    await serve([provider("chat/0", `${a.url}/v1`, { apiKeySecret: "a", traits: "anthropic" }), ...both().slice(1)]);
    for (let turn = 0; turn < 2; turn += 1) {
      const headers = { "api-key": VIRTUAL_KEY, cookie: `k=${VIRTUAL_KEY}` };
      expect((await ask({ headers })).status).toBe(200);
      expect((await ask({ path: "/v1/messages", headers })).status).toBe(200);
      a.set({ status: 529, model: undefined });
    }
    expect(seenBy(a)).toContain(SECRETS.a);
    expect(seenBy(b)).toContain(SECRETS.b);
    expectOwnKeys();
  });

  it("never to the app's own services, nor to a provider that has none", async () => {
    await serve([
      provider("chat/0", `${a.url}/v1`, { apiKeySecret: "a" }),
      { kind: "pool", id: "chat/1", pool: "own", model: "m" },
      provider("chat/2", `${inside.url}/v1`),
    ]);
    a.set({ status: 500, model: undefined });
    const from = b.counts.requests;
    expect((await ask()).headers["x-flyball-backend"]).toBe("chat/1");
    expect(b.requests.find(({ index }) => index === from)?.headers.authorization).toBeUndefined();
    b.set({ status: 500, model: undefined });
    expect((await ask()).headers["x-flyball-backend"]).toBe("chat/2");
    expect(inside.requests.at(-1)?.headers.authorization).toBeUndefined();
    expect(seenBy(inside)).not.toMatch(/sk-canary|fb-egress/);
    expect(seenBy(b).split("\n").at(-1)).not.toMatch(/sk-canary|fb-egress/);
  });

  it("not over a connection to where the base URL pointed before", async () => {
    await serve(both());
    expect((await ask()).status).toBe(200);
    const asked = a.counts.requests;
    await serve([provider("chat/0", `${b.url}/v1`, { apiKeySecret: "b" })]);
    for (let turn = 0; turn < 5; turn += 1) expect((await ask()).status).toBe(200);
    expect(a.counts.requests).toBe(asked);
    expectOwnKeys();
  });

  it("and stands in no log", () => expect(gateway.log()).not.toMatch(/sk-canary|canary-key-secret|fb-egress-key/));
});
