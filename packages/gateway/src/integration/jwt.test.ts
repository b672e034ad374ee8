// Tokens of an OpenID provider on a real gateway: a small provider over HTTP, two workers, model calls, plain routes and a WebSocket.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { NO_LIMITS, type JwtPolicy } from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createTokenIssuer, type TokenIssuer } from "../identity/testdata/token-issuer.ts";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, route, snapshot } from "../testdata/snapshots.ts";
import { raw, send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let upstream: FakeUpstream;
let provider: Server;
let origin: string;
let issuer: TokenIssuer;
let rig: Rig;
let version = 0;

beforeAll(async () => {
  upstream = await createFakeUpstream();
  provider = createServer((request, response) => {
    issuer.fetchDocument(new URL(request.url ?? "/", origin)).then(
      (document) => response.end(JSON.stringify(document)),
      () => response.writeHead(503).end(),
    );
  });
  await new Promise<void>((resolve) => void provider.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await upstream.dispose();
  provider.close();
});
beforeEach(async () => {
  issuer = await createTokenIssuer(() => Date.now(), { issuer: origin });
  rig = await createRig({ secrets: { "@keys": "secret" }, workers: 2 });
});
afterEach(() => rig.dispose());

async function start(policy: Partial<JwtPolicy> = {}): Promise<void> {
  rig.send(served(policy));
  await rig.start().ready;
}

function served(policy: Partial<JwtPolicy> | undefined) {
  version += 1;
  return snapshot(version, {
    pools: [pool("web", [endpoint("web/0@1", upstream.address.port)])],
    models: [model("chat", ["web"]), model("other", ["web"])],
    keys: [key("fb-key", "secret", ["*"])],
    tenants: [{ id: "acme", limits: { ...NO_LIMITS, rates: [{ unit: "requests", limit: 2, windowMs: 60_000 }] } }],
    routes: [
      route("plain", "web", { requiresKey: true }),
      route("api", "", {
        match: { pathPrefix: "/v1" },
        destination: { kind: "models", models: ["chat", "other"], requiresKey: true },
      }),
    ],
    ...(policy === undefined ? {} : { jwt: { ...issuer.policy, ...policy } }),
  });
}

function call(token: string, name = "chat", header = "authorization"): Promise<Reply> {
  return send({
    port: rig.port("public"),
    path: "/v1/chat/completions",
    headers: { [header]: header === "authorization" ? `Bearer ${token}` : token, "content-type": "application/json" },
    body: JSON.stringify({ model: name, messages: [{ role: "user", content: "count" }] }),
  });
}

const plain = (token: string): Promise<Reply> =>
  send({
    port: rig.port("public"),
    path: "/page",
    headers: { authorization: `Bearer ${token}` },
    body: "x".repeat(100_000),
  });

describe("a token of the provider", () => {
  it("is taken like a key on both workers, and virtual keys go on working", async () => {
    await start();
    const token = await issuer.sign();
    const replies = await Promise.all(Array.from({ length: 40 }, () => call(token)));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await call(token, "other")).status).toBe(200);
    expect((await call("fb-key")).status).toBe(200);
    // Each worker asks for its own: two documents each.
    expect(issuer.fetched).toHaveLength(4);
  });

  it("opens a plain route with its whole body, and a WebSocket", async () => {
    await start();
    expect((await plain(await issuer.sign())).status).toBe(200);
    expect(upstream.requests.at(-1)?.body.length).toBe(100_000);
    const upgrade = async (token: string): Promise<string> =>
      await raw(
        rig.port("public"),
        `GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nAuthorization: Bearer ${token}\r\n\r\n`,
        (text) => text.includes("\r\n\r\n"),
      );
    const before = upstream.counts.requests;
    expect(await upgrade(await issuer.sign({ claims: { aud: "other" } }))).toContain("HTTP/1.1 401");
    expect(upstream.counts.requests).toBe(before);
    expect(await upgrade(await issuer.sign())).not.toContain("HTTP/1.1 401");
    expect(upstream.counts.requests).toBe(before + 1);
  });

  it("is refused in any other header, and where the manifest takes none", async () => {
    await start();
    const token = await issuer.sign();
    expect((await call(token, "chat", "x-api-key")).status).toBe(401);
    expect(await rig.publish(served(undefined))).toBe("applied");
    expect((await call(token)).status).toBe(401);
    expect(await rig.publish(served({}))).toBe("applied");
    await vi.waitFor(async () => expect((await call(token)).status).toBe(200));
  });

  it("with something wrong is 401 with the code of a wrong key, and reaches nobody", async () => {
    await start();
    const before = upstream.counts.requests;
    const good = await issuer.sign();
    const tokens = [
      await issuer.sign({ claims: { iss: "https://evil.example" } }),
      await issuer.sign({ claims: { aud: "other" } }),
      await issuer.sign({ expiresIn: -31 }),
      await issuer.sign({ claims: { nbf: Math.floor(Date.now() / 1_000) + 60 } }),
      `${good.slice(0, -4)}AAAA`,
      "a.b.c",
      good.split(".").slice(0, 2).join("."),
    ];
    for (const token of tokens) {
      const reply = await call(token);
      expect([reply.status, reply.json().error.code]).toEqual([401, "FB_GATEWAY_KEY_INVALID"]);
      expect((await plain(token)).status).toBe(401);
    }
    expect(upstream.counts.requests).toBe(before);
  });

  it("may use the models of its claim and counts for the tenant of its claim", async () => {
    await start({ tenantClaim: "org", modelsClaim: "models" });
    const sign = (claims: object): Promise<string> => issuer.sign({ claims: { ...claims } });
    const acme = await sign({ org: "acme", models: ["chat"], sub: "ann" });
    const other = await sign({ org: "acme", models: ["chat"], sub: "bob" });
    expect([(await call(acme)).status, (await call(acme, "other")).status]).toEqual([200, 404]);
    expect((await call(other)).status).toBe(200);
    // Both subjects have used up what their tenant may.
    expect([(await call(acme)).status, (await call(other)).status]).toEqual([429, 429]);
    for (const claims of [
      { models: ["chat"] },
      { org: "none", models: ["chat"] },
      { org: ["acme"], models: ["chat"] },
    ]) {
      expect((await call(await sign(claims))).status).toBe(401);
    }
  });
});

describe("the provider's keys", () => {
  it("that cannot be had and never were leave the answer open: 503, to be sent again", async () => {
    issuer.isAway = true;
    await start();
    const reply = await call(await issuer.sign());
    expect([reply.status, reply.json().error.code]).toEqual([503, "FB_GATEWAY_IDENTITY_UNAVAILABLE"]);
    expect(Number(reply.headers["retry-after"])).toBeGreaterThan(0);
    expect((await call("fb-key")).status).toBe(200);
    issuer.isAway = false;
    const token = await issuer.sign();
    await vi.waitFor(async () => expect((await call(token)).status).toBe(200), { timeout: 10_000, interval: 100 });
  });

  it("go on working while the provider is away, over a new snapshot too; another key is 401", async () => {
    await start();
    await Promise.all(Array.from({ length: 40 }, async () => call(await issuer.sign())));
    issuer.isAway = true;
    expect(await rig.publish(served({}))).toBe("applied");
    expect((await call(await issuer.sign({ claims: { jti: "2" } }))).status).toBe(200);
    await issuer.addKey("two");
    expect((await call(await issuer.sign({ kid: "two" }))).status).toBe(401);
  });
});
