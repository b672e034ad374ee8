// Attacks 1 to 5 and the gateway's part of 9 to 11: ways around a key.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { endpoint, key, model, pool, route } from "../../testdata/snapshots.ts";
import { raw, send } from "../../testdata/test-client.ts";
import { attackSnapshot, KEY, KEY_SECRET_VALUE, startAttackRig, type AttackRig } from "./testdata/attack-rig.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let attack: AttackRig;
let version = 1;

beforeAll(async () => {
  attack = await startAttackRig();
});
afterAll(() => attack.dispose());
beforeEach(() => void attack.arrived());

/** The status of a request whose first line is written as it is. */
async function statusOf(target: string, headers = "", method = "GET"): Promise<number> {
  const text = await raw(attack.port, `${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1] ?? 0);
}

describe("1: the path that is authorised is the path that is dispatched", () => {
  it.each([
    "//admin",
    "///admin/users",
    "/x//..//admin",
    "/./admin",
    "/x/../admin",
    "/%2e/admin",
    "/x/%2e%2e/admin",
    "/x/..%2fadmin",
    "/%2fadmin",
    "/%61dmin",
    "/%2561dmin",
    "/admi%6E/users",
    "/admin;a=b",
    "/admin;a=b/users",
    "/;/admin",
    "/admin%00",
    "/admin%00.html",
    "/%00/admin",
    "/Admin",
    "/ADMIN/users",
    "/\\admin",
    "/x\\..\\admin",
    "/%5cadmin",
    "/x%5c..%5cadmin",
    "/x/%252e%252e/admin",
    "/x/%252e%252e%252fadmin",
    "/admin#x",
    "/admin%20",
    "http://x//admin",
    "http://x/%61dmin",
    "HTTP://x/Admin",
  ])("%s is refused or asks for the key, and reaches nobody", async (path) => {
    const status = await statusOf(path);
    // A space at the end is another name to the gateway and to every upstream that keeps it.
    if (path === "/admin%20") expect([200, 400]).toContain(status);
    else {
      expect([400, 401]).toContain(status);
      expect(attack.arrived()).toHaveLength(0);
    }
  });

  it.each(["//v1/models", "/%761/models", "/V1/chat/completions", "/v1;x/models"])(
    "%s is no way to the model API",
    async (path) => {
      expect([400, 401, 404]).toContain(await statusOf(path));
      expect(attack.arrived()).toHaveLength(0);
    },
  );

  it.each([
    ["/a//b", 200],
    ["/a/b/", 200],
    ["/Docs/Page", 200],
    ["/a%20b?x=%2e%2e;y", 200],
    ["/files/a;v=1", 200],
    ["/x?next=/admin", 200],
  ])("%s has one meaning and passes as it is", async (path, status) => {
    expect(await statusOf(path)).toBe(status);
    expect(attack.arrived().map(({ url }) => url)).toEqual([path]);
  });

  it.each(["/admin", "/admin/", "/admin/users", "http://x/admin?y"])(
    "%s asks for the key and passes with it",
    async (path) => {
      expect(await statusOf(path)).toBe(401);
      expect(attack.arrived()).toHaveLength(0);
      expect(await statusOf(path, `Authorization: Bearer ${KEY}\r\n`)).toBe(200);
      expect(attack.arrived()).toHaveLength(1);
    },
  );
});

describe("2: what a request says about its host and its client decides nothing", () => {
  const SPOOFS = [
    "X-Forwarded-For: 127.0.0.1",
    "X-Forwarded-Host: admin.internal",
    "X-Forwarded-Proto: https",
    "X-Forwarded-Prefix: /open",
    "X-Forwarded-Uri: /open",
    "Forwarded: for=127.0.0.1;host=x;proto=https",
    "X-Original-URL: /open",
    "X-Rewrite-URL: /open",
    "X-Real-IP: 127.0.0.1",
    "X-Http-Method-Override: OPTIONS",
  ];
  it.each(SPOOFS)("%s opens nothing", async (header) => {
    expect(await statusOf("/admin", `${header}\r\n`)).toBe(401);
    expect(await statusOf("/open", `${header.replace("/open", "/admin")}\r\n`)).toBe(200);
    expect(attack.arrived().map(({ url, method }) => [method, url])).toEqual([["GET", "/open"]]);
  });

  it.each(["x/admin?", "x#", "x@y", "x\\y", 'x"y', "x y", "x/../admin", "x\u0080"])(
    "a host like %s is refused",
    async (host) => {
      const bytes = Buffer.from(`GET /open HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`, "latin1");
      expect(await raw(attack.port, bytes)).toMatch(/^HTTP\/1\.1 400 /);
      expect(attack.arrived()).toHaveLength(0);
    },
  );

  it.each(["localhost", "127.0.0.1:1", "[::1]:8080", "evil.example", ""])(
    "a host like %s changes no decision",
    async (host) => {
      const text = (path: string) =>
        raw(attack.port, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      expect(await text("/admin")).toMatch(/^HTTP\/1\.1 401 /);
      expect(await text("/open")).toMatch(/^HTTP\/1\.1 200 /);
    },
  );
});

describe("3: no header of an inner part is believed, and none passes", () => {
  it.each([
    "x-middleware-subrequest: middleware:middleware",
    "x-internal-auth: true",
    "x-flyball-key: admin",
    "x-flyball-internal: 1",
    "user-agent: Nacos-Server",
    "user-agent: flyball",
    "authorization: Basic YWRtaW46YWRtaW4=",
    "authorization: Bearer",
    "authorization: Bearer undefined",
    "authorization: Bearer null",
    "x-api-key: [object Object]",
    "cookie: key=1",
  ])("%s opens nothing", async (header) => {
    expect(await statusOf("/admin", `${header}\r\n`)).toBe(401);
    expect(await statusOf("/v1/models", `${header}\r\n`)).toBe(401);
  });

  it("x-flyball-… headers of a client reach no upstream", async () => {
    await statusOf("/open", "X-Flyball-Backend: x\r\nx-flyball-tenant: y\r\nX-Kept: 1\r\n");
    const [seen] = attack.arrived();
    expect(Object.keys(seen?.headers ?? {}).filter((name) => name.startsWith("x-flyball-"))).toEqual([]);
    expect(seen?.headers["x-kept"]).toBe("1");
  });
});

it("4: without a key secret no key opens anything, and keys of one install mean nothing to another", async () => {
  const bare = await startAttackRig({ secrets: {} });
  const other = await startAttackRig({ secrets: { "@keys": "another secret" } });
  const asked = (port: number) => send({ port, path: "/admin", headers: { authorization: `Bearer ${KEY}` } });
  expect((await asked(attack.port)).status).toBe(200);
  expect((await asked(other.port)).status).toBe(401);
  expect((await asked(bare.port)).status).toBe(401);
  for (const guess of ["", "flyball", "admin", "SecretKey012345678901234567890123456789", "sk-1234"]) {
    expect((await send({ port: bare.port, path: "/admin", headers: { "x-api-key": guess } })).status).toBe(401);
  }
  await Promise.all([bare.dispose(), other.dispose()]);
});

describe("5: a route for known keys refuses whoever has none", () => {
  const ALLOWED = new Set(["open"]);
  const PATHS: Readonly<Record<string, string>> = { open: "/", admin: "/admin", models: "/v1/models" };

  it("every route but those of the allow-list, whatever the method", async () => {
    const { routes } = attackSnapshot(0, attack.upstream.address.port);
    for (const { id } of routes) {
      for (const method of ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
        const status = await statusOf(PATHS[id] ?? "", "Content-Length: 0\r\n", method);
        if (ALLOWED.has(id)) expect([id, method, status]).toEqual([id, method, 200]);
        else expect([id, method, [401, 403].includes(status)]).toEqual([id, method, true]);
      }
    }
  });

  it("a WebSocket too", async () => {
    const upgrade =
      "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n";
    const text = await raw(attack.port, `GET /admin/socket HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`, (seen) =>
      seen.includes("\r\n\r\n"),
    );
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
    const encoded = await raw(attack.port, `GET /%61dmin/socket HTTP/1.1\r\nHost: x\r\n${upgrade}\r\n`, (seen) =>
      seen.includes("\r\n\r\n"),
    );
    expect(encoded).toMatch(/^HTTP\/1\.1 400 /);
    expect(attack.arrived()).toHaveLength(0);
  });

  it("every operation of a models listener without a route of its own", async () => {
    const inner = await startAttackRig({
      listeners: ["models"],
      parts: { listeners: ["models"], routes: [], keys: [] },
    }).catch((error: unknown) => error);
    expect(inner).not.toBeInstanceOf(Error);
    const rig = inner as AttackRig;
    for (const path of ["/v1/models", "/v1/chat/completions", "/v1/messages", "/v1/embeddings", "/", "/metrics"]) {
      const reply = await send({ port: rig.rig.port("models"), path, body: "{}" });
      expect([path, reply.status]).toEqual([path, 401]);
    }
    await rig.dispose();
  });
});

describe("9 and 10: keys are compared as digests, whole", () => {
  it("a key that shares all but its last letter is unknown, so is a longer one", async () => {
    for (const near of [KEY.slice(0, -1), `${KEY}x`, `${KEY.slice(0, -1)}z`, KEY.toUpperCase(), `${KEY}\u00a0`]) {
      const reply = await send({ port: attack.port, path: "/admin", headers: { "x-api-key": near } });
      expect([near, reply.status]).toEqual([near, 401]);
    }
  });

  it("two keys with a common beginning are two identities, also when one was seen before", async () => {
    const [first, second] = [`${"k".repeat(60)}-a`, `${"k".repeat(60)}-b`];
    const port = attack.upstream.address.port;
    const parts = {
      models: [model("chat", ["web"]), model("other", ["web"])],
      keys: [
        key(first, KEY_SECRET_VALUE, ["chat"]),
        key(second, KEY_SECRET_VALUE, ["other"]),
        key(KEY, KEY_SECRET_VALUE, ["chat"]),
      ],
      pools: [pool("web", [endpoint("web/0@1", port)])],
      routes: [
        route("open", "web"),
        route("admin", "web", { match: { pathPrefix: "/admin" }, requiresKey: true }),
        route("models", "", {
          match: { pathPrefix: "/v1" },
          destination: { kind: "models" as const, models: ["chat", "other"], requiresKey: true },
        }),
      ],
    };
    expect(await attack.rig.publish(attackSnapshot(++version, port, parts))).toBe("applied");
    const names = async (value: string): Promise<string[]> => {
      const reply = await send({
        port: attack.port,
        path: "/v1/models",
        headers: { authorization: `Bearer ${value}` },
      });
      return reply.json().data.map(({ id }: { id: string }) => id);
    };
    for (let round = 0; round < 2; round += 1) {
      expect(await names(first)).toEqual(["chat"]);
      expect(await names(second)).toEqual(["other"]);
    }
  });

  it("a key that is gone from the snapshot is refused at once, on a connection that it opened too", async () => {
    const port = attack.upstream.address.port;
    const asked = () => send({ port: attack.port, path: "/admin", headers: { authorization: `Bearer ${KEY}` } });
    expect((await asked()).status).toBe(200);
    expect(await attack.rig.publish(attackSnapshot(++version, port, { keys: [] }))).toBe("applied");
    expect((await asked()).status).toBe(401);
    expect(await attack.rig.publish(attackSnapshot(++version, port))).toBe("applied");
    expect((await asked()).status).toBe(200);
  });

  it("the digest that is stored opens nothing", async () => {
    const { hmac, id } = key(KEY, KEY_SECRET_VALUE, []);
    for (const value of [hmac, hmac.toUpperCase(), id, KEY_SECRET_VALUE]) {
      expect((await send({ port: attack.port, path: "/admin", headers: { "x-api-key": value } })).status).toBe(401);
    }
  });
});

describe("11: what stands in a key is only hashed", () => {
  it.each([
    "' OR '1'='1",
    `"; DROP TABLE keys; --`,
    '{"$ne":null}',
    "[object Object]",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "%00",
    "a".repeat(12_000),
  ])("%s is unknown", async (value) => {
    for (const header of ["x-api-key", "api-key"]) {
      expect((await send({ port: attack.port, path: "/admin", headers: { [header]: value } })).status).toBe(401);
    }
    const bearer = await send({ port: attack.port, path: "/admin", headers: { authorization: `Bearer ${value}` } });
    expect(bearer.status).toBe(401);
  });

  it("one of a megabyte is refused before it is read, wherever it stands, and the gateway goes on", async () => {
    const huge = "a".repeat(1024 * 1024);
    for (const header of [`Authorization: Bearer ${huge}`, `X-Api-Key: ${huge}`, `Api-Key: '${huge}' OR 1=1`]) {
      expect([401, 431]).toContain(await statusOf("/admin", `${header}\r\n`));
    }
    expect([401, 414, 431]).toContain(await statusOf(`/admin?key=${huge}`));
    const body = JSON.stringify({ model: "chat", messages: [], api_key: huge, key: { $ne: null } });
    expect((await send({ port: attack.port, path: "/v1/chat/completions", body })).status).toBe(401);
    expect(attack.arrived()).toHaveLength(0);
    expect(await statusOf("/admin", `Authorization: Bearer ${KEY}\r\n`)).toBe(200);
  });

  it("two keys in one request, the second one right, do not count as the right one alone", async () => {
    const status = await statusOf("/admin", `X-Api-Key: wrong\r\nX-Api-Key: ${KEY}\r\n`);
    expect(status).toBe(401);
    expect(attack.arrived()).toHaveLength(0);
  });
});
