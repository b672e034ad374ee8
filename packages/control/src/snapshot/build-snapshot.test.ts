import { describe, expect, it } from "vitest";
import { NO_LIMITS } from "@flyball/core";
import { instanceFrom, type Instance, type InstancePhase } from "../observe/instance.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";
import { virtualKey } from "../desired/start-context.ts";
import { buildSnapshot, type UnversionedSnapshot } from "./build-snapshot.ts";

function instance(ordinal: number, phase: InstancePhase): Instance {
  const made = instanceFrom({
    handle: `h${ordinal}`,
    service: "api",
    ordinal,
    specHash: "x",
    revision: 1,
    state: "running",
    startedAt: 100 + ordinal,
    addresses: { http: { host: "127.0.0.1", port: 20_000 + ordinal } },
  });
  made.phase = phase;
  return made;
}

const spec = makeSpec([makeService("api", { models: [{ model: "chat", environmentPrefix: "OPENAI" }] })], {
  gateway: { listeners: { web: { host: "127.0.0.1", port: 8080 } }, workers: 1 },
  routes: [
    {
      name: "web",
      listener: "web",
      match: { pathPrefix: "/" },
      destination: { kind: "services", services: [{ service: "api", weight: 1 }] },
      stripsPrefix: false,
    },
  ],
  models: {
    chat: {
      name: "chat",
      timeouts: { connectMs: 1, firstByteMs: 1, gapMs: 1, totalMs: 0 },
      backends: [
        { kind: "provider", provider: "openai", baseUrl: "https://api.example/v1", model: "m", apiKeySecret: "openai" },
      ],
    },
  },
});
const bound = new Map([
  ["public/web", { host: "127.0.0.1", port: 8081 }],
  ["public/web/v6", { host: "::1", port: 8081 }],
  ["service/api", { host: "127.0.0.1", port: 15_001 }],
  ["models", { host: "127.0.0.1", port: 15_002 }],
  ["admin", { host: "127.0.0.1", port: 15_003 }],
]);
const build = (instances: readonly Instance[]): UnversionedSnapshot =>
  buildSnapshot({
    spec,
    revision: 1,
    bound,
    instances,
    keySecret: "the key secret",
    ejected: new Set<string>(),
    keys: { snapshots: [], hash: "" },
  });
const endpoints = (snapshot: UnversionedSnapshot): readonly string[] =>
  snapshot.pools.flatMap((pool) => pool.endpoints.map((endpoint) => `${endpoint.id} ${endpoint.state}`));

describe("the snapshot", () => {
  it("carries TLS and CORS of a public listener, for its twin too, and of no other", () => {
    const tls = { certificateFile: "/c.pem", keyFile: "/c.key" };
    const cors = { origins: ["*"], headers: ["*"], allowsCredentials: false, maxAgeSeconds: 60 };
    const gateway = { listeners: { web: { host: "127.0.0.1", port: 8080, tls, cors } }, workers: 1 };
    const { listeners } = buildSnapshot({
      spec: { ...spec, gateway },
      revision: 1,
      bound,
      instances: [],
      keySecret: "the key secret",
      ejected: new Set<string>(),
      keys: { snapshots: [], hash: "" },
    });
    expect(listeners.filter((listener) => listener.tls !== undefined).map(({ id }) => id)).toEqual([
      "public/web",
      "public/web/v6",
    ]);
    expect(listeners.find(({ id }) => id === "public/web/v6")).toMatchObject({ tls, cors });
  });

  it("lets ready instances serve and draining ones finish, and leaves out starting ones", () => {
    const snapshot = build([
      instance(0, "ready"),
      instance(1, "starting"),
      instance(2, "draining"),
      instance(3, "unhealthy"),
    ]);
    expect(endpoints(snapshot)).toEqual(["api/0@100 serving", "api/2@102 draining"]);
  });

  it("serves through unhealthy instances rather than through none", () => {
    expect(endpoints(build([instance(0, "unhealthy"), instance(1, "starting")]))).toEqual(["api/0@100 serving"]);
  });

  it("routes both loopback addresses of a public listener to the same place", () => {
    const snapshot = build([]);
    expect(
      snapshot.listeners.filter((listener) => listener.kind === "public").map((listener) => listener.host),
    ).toEqual(["127.0.0.1", "::1"]);
    expect(snapshot.routes.filter((route) => route.listener.startsWith("public/"))).toHaveLength(2);
  });

  it("holds keys as HMACs and secrets by name, never a value", () => {
    const snapshot = build([]);
    const text = JSON.stringify(snapshot);
    expect(text).not.toContain("the key secret");
    expect(text).not.toContain(virtualKey("the key secret", "api"));
    expect(snapshot.keys[0]).toMatchObject({ service: "api", models: ["chat"] });
    expect(snapshot.models[0]?.backends[0]).toMatchObject({ apiKeySecret: "openai" });
  });

  it("hands on the classes of routes and tenants and their weights, beside the limits and not among them", () => {
    const [route] = spec.routes;
    const snapshot = buildSnapshot({
      spec: {
        ...spec,
        routes: route === undefined ? [] : [{ ...route, priority: "low" }],
        tenants: { acme: { ...NO_LIMITS, priority: "high", weight: 3 }, other: NO_LIMITS },
      },
      revision: 1,
      bound,
      instances: [],
      keySecret: "the key secret",
      ejected: new Set<string>(),
      keys: { snapshots: [], hash: "" },
    });
    expect(snapshot.routes.find(({ id }) => id === "web")?.priority).toBe("low");
    expect(snapshot.tenants).toEqual([
      { id: "acme", limits: NO_LIMITS, priority: "high", weight: 3 },
      { id: "other", limits: NO_LIMITS },
    ]);
  });

  it("hands on which tokens are taken, and is another one when the keys of people are", () => {
    const jwt = { issuer: "https://login.example", audience: ["gateway"], algorithms: ["RS256"] } as const;
    const keys = { snapshots: [{ id: "key_1", hmac: "aa", service: "", models: ["*"] }], hash: "other" };
    const input = { spec, revision: 1, bound, instances: [], keySecret: "the key secret", ejected: new Set<string>() };
    const withTokens = { ...input, spec: { ...spec, gateway: { ...spec.gateway, jwt } }, keys };
    expect(buildSnapshot(withTokens)).toMatchObject({ jwt, keys: [{ id: "service/api" }, { id: "key_1" }] });
    expect(buildSnapshot({ ...input, keys }).hash).not.toBe(build([]).hash);
  });

  it("hands on how instances are chosen, who waits and how long, where the manifest says so", () => {
    const input = {
      revision: 1,
      bound,
      instances: [],
      keySecret: "the key secret",
      ejected: new Set<string>(),
      keys: { snapshots: [], hash: "" },
    };
    const schedule = { classWeights: { high: 10 }, order: "arrival", kvUtilization: 0.9 } as const;
    const service = makeService("api", { balance: "round-robin", maxWaitMs: 9_000, schedule });
    const [pool] = buildSnapshot({ ...input, spec: { ...spec, services: { api: service } } }).pools;
    expect(pool).toMatchObject({ id: "api", balance: "round-robin", maxWaitMs: 9_000, schedule });
    for (const key of ["balance", "maxWaitMs", "schedule"]) expect(build([]).pools[0]).not.toHaveProperty(key);
  });

  it("has the same hash for the same content and another for any difference", () => {
    expect(build([instance(0, "ready")]).hash).toBe(build([instance(0, "ready")]).hash);
    expect(build([instance(0, "ready")]).hash).not.toBe(build([instance(0, "draining")]).hash);
  });
});
