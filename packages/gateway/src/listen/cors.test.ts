// CORS of a real gateway process: preflights, answers and errors, with plain routes and with the model API.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { CorsPolicy, ListenerSnapshot } from "@flyball/core";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, route, snapshot } from "../testdata/snapshots.ts";
import { send } from "../testdata/test-client.ts";
import { ECHO, startUpstream, type TestUpstream } from "../testdata/test-upstream.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let rig: Rig;
let web: TestUpstream;

const named = (id: string, cors?: CorsPolicy): ListenerSnapshot => {
  return { id, kind: "public", host: "127.0.0.1", port: 0, ...(cors === undefined ? {} : { cors }) };
};

beforeAll(async () => {
  web = await startUpstream();
  rig = await createRig({ listeners: ["some", "all", "none"], secrets: { "@keys": "secret" } });
  const some = { origins: ["https://app.example"], headers: ["x-team"], allowsCredentials: true, maxAgeSeconds: 600 };
  const all = { origins: ["*"], headers: ["*"], allowsCredentials: false, maxAgeSeconds: 60 };
  rig.send(
    snapshot(1, {
      listeners: [named("some", some), named("all", all), named("none")],
      pools: [pool("web", [endpoint("web/0@1", web.port)])],
      routes: ["some", "all", "none"].flatMap((listener) => [
        route(`plain-${listener}`, "web", { listener }),
        route(`admin-${listener}`, "web", { listener, match: { pathPrefix: "/admin" }, requiresKey: true }),
        route(`models-${listener}`, "", {
          listener,
          match: { pathPrefix: "/v1" },
          destination: { kind: "models", models: ["chat"], requiresKey: true },
        }),
      ]),
      models: [model("chat", ["web"])],
      keys: [key("fb-key", "secret", ["chat"])],
    }),
  );
  await rig.start().ready;
});
afterAll(async () => {
  await rig.dispose();
  await web.kill();
});
beforeEach(() => {
  web.answer = ECHO;
  web.received.length = 0;
});

const corsOf = (headers: object): object =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith("access-control-") || name === "vary"));

const preflight = (listener: string, origin: string, asked: string) =>
  send({
    port: rig.port(listener),
    path: "/v1/chat/completions",
    method: "OPTIONS",
    headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": asked },
  });

describe("a listener for some origins, with credentials", () => {
  it("answers a preflight itself, without a key", async () => {
    const reply = await preflight("some", "https://app.example", "x-team");
    expect([reply.status, reply.text]).toEqual([204, ""]);
    expect(corsOf(reply.headers)).toEqual({
      "access-control-allow-origin": "https://app.example",
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "x-team",
      "access-control-max-age": "600",
      vary: "origin, access-control-request-headers",
    });
    expect(web.received).toHaveLength(0);
  });

  it.each([
    "https://evil.example",
    "https://app.example.evil.example",
    "https://app.example:8443",
    "http://app.example",
    "null",
  ])("allows %s nothing", async (origin) => {
    const reply = await preflight("some", origin, "x-team");
    expect([reply.status, Object.keys(corsOf(reply.headers))]).toEqual([204, ["vary"]]);
    const answered = await send({ port: rig.port("some"), headers: { origin } });
    expect([answered.status, corsOf(answered.headers)]).toEqual([200, { vary: "origin" }]);
  });

  it("says it on answers, on errors of its own, and on errors of the model API", async () => {
    const headers = { origin: "https://app.example" };
    for (const [path, status] of [
      ["/", 200],
      ["/admin", 401],
      ["/a/../b", 400],
      ["/v1/models", 401],
      ["/v1/nothing", 401],
    ] as const) {
      const reply = await send({ port: rig.port("some"), path, headers });
      expect([path, reply.status]).toEqual([path, status]);
      expect(corsOf(reply.headers)).toMatchObject({
        "access-control-allow-origin": "https://app.example",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": expect.stringContaining("x-request-id"),
        vary: "origin",
      });
    }
  });

  it("says it on a model's answer and on its stream, and the policy of the service behind does not count", async () => {
    web.answer = (request, response) => {
      request.on("end", () => {
        response.setHeader("access-control-allow-origin", "*");
        response.setHeader("Access-Control-Allow-Headers", "x-evil");
        response.setHeader("vary", "accept-encoding");
        response.setHeader("content-type", "application/json");
        response.end('{"choices":[]}');
      });
    };
    const headers = {
      origin: "https://app.example",
      authorization: "Bearer fb-key",
      "content-type": "application/json",
    };
    const port = rig.port("some");
    for (const call of [
      { port, headers },
      { port, headers, path: "/v1/chat/completions", body: '{"model":"chat","messages":[]}' },
    ]) {
      const reply = await send({ ...call, ...("body" in call ? {} : { body: "" }) });
      expect(reply.status).toBe(200);
      expect(corsOf(reply.headers)).toEqual({
        "access-control-allow-origin": "https://app.example",
        "access-control-allow-credentials": "true",
        "access-control-expose-headers": expect.any(String),
        vary: "accept-encoding, origin",
      });
    }
  });

  it("leaves a plain OPTIONS request to the service", async () => {
    const reply = await send({ port: rig.port("some"), method: "OPTIONS", headers: { origin: "https://app.example" } });
    expect([reply.status, web.received[0]?.method]).toEqual([200, "OPTIONS"]);
  });
});

describe("a listener for every origin", () => {
  it("allows what is asked for, without credentials", async () => {
    const reply = await preflight("all", "https://any.example", "x-stainless-os, content-type");
    expect(corsOf(reply.headers)).toEqual({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "x-stainless-os, content-type",
      "access-control-max-age": "60",
    });
  });
});

it("a listener without CORS writes no such header, passes the service's own and every OPTIONS on", async () => {
  web.answer = (_request, response) => {
    response.setHeader("access-control-allow-origin", "https://own.example");
    response.end("ok");
  };
  const reply = await preflight("none", "https://app.example", "x");
  expect([reply.status, corsOf(reply.headers)]).toEqual([401, {}]);
  const plain = await send({ port: rig.port("none"), headers: { origin: "https://app.example" } });
  expect(corsOf(plain.headers)).toEqual({ "access-control-allow-origin": "https://own.example" });
});
