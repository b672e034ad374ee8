import { once } from "node:events";
import { request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createControlRig, type ControlRig } from "../testing/control-rig.ts";
import { makeService, makeSpec } from "../testing/make-spec.ts";
import type { AuditRecord } from "@flyball/core";
import type { AuditEntry } from "../store/store.ts";
import { createApiServer } from "./server.ts";
import { createEventHub } from "./stream-events.ts";

let rig: ControlRig;
let server: Server;
let port: number;
const downs: string[] = [];

beforeEach(async () => {
  downs.length = 0;
  rig = await createControlRig();
  server = createApiServer(rig.control.context, {
    token: "secret-token",
    hub: createEventHub(rig.store, () => rig.clock.now()),
    onDown: (reason) => void downs.push(reason),
    onError: (error) => void rig.errors.push(error),
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rig.dispose();
});

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function call(
  method: string,
  path: string,
  options: { token?: string; host?: string; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const headers: Record<string, string> = {
    authorization: `Bearer ${options.token ?? "secret-token"}`,
    ...options.headers,
  };
  if (options.host !== undefined) headers["host"] = options.host;
  const outgoing = request({ host: "127.0.0.1", port, method, path, headers });
  outgoing.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  const [response] = (await once(outgoing, "response")) as [AsyncIterable<Buffer> & { statusCode: number }];
  let text = "";
  for await (const chunk of response) text += chunk.toString();
  return { status: response.statusCode, body: JSON.parse(text) as Record<string, unknown> };
}

const codeOf = (answer: Answer): unknown => (answer.body["error"] as { code: string }).code;

describe("the audit trail", () => {
  it("says who changed what, and by which command", async () => {
    const entries: AuditEntry[] = [];
    Object.assign(rig.store.audit, { append: (entry: AuditEntry) => void entries.push(entry) });
    await rig.apply(makeSpec([makeService("api")]));
    const body = { service: "api", replicas: 2 };
    const headers = {
      "x-flyball-actor": encodeURIComponent("安"),
      "x-flyball-command": encodeURIComponent('flyball scale api=2 --reason "更多"'),
    };
    expect((await call("POST", "/v1/scale", { body, headers })).status).toBe(200);
    expect((await call("POST", "/v1/scale", { body: { ...body, replicas: 3 } })).status).toBe(200);
    await call("POST", "/v1/scale", { body, headers: { "x-flyball-command": `%${"x".repeat(9_000)}` } });
    expect(entries.map(({ action, actor, command }) => [action, actor, command])).toEqual([
      ["revision-write", "test", undefined],
      ["override-write", "安", 'flyball scale api=2 --reason "更多"'],
      ["override-write", "operator", "POST /v1/scale"],
      ["override-write", "operator", `%${"x".repeat(499)}`],
    ]);
  });
});

describe("the audit trail, asked for", () => {
  it("comes newest last, cut to what is wanted, with what was changed by people, by their keys and by control itself", async () => {
    await rig.apply(makeSpec([makeService("api")]));
    const headers = {
      "x-flyball-actor": "ann",
      "x-flyball-command": encodeURIComponent("flyball keys create --name ci"),
    };
    await call("POST", "/v1/keys", { body: { name: "ci" }, headers });
    await call("POST", "/v1/pause", { body: { reason: "look" } });
    await call("POST", "/v1/restart", { body: { service: "api" } });
    await call("POST", "/v1/down", { body: { reason: "night" }, headers });
    const all = (await call("GET", "/v1/audit")).body["entries"] as AuditRecord[];
    expect(all.map(({ sequence, actor, action, reason }) => [sequence, actor, action, reason])).toEqual([
      [1, "test", "revision-write", expect.any(String)],
      [2, "ann", "key-create", ""],
      [3, "operator", "override-write", "look"],
      [4, "operator", "restart", "asked for"],
      [5, "ann", "down", "night"],
    ]);
    expect(all[1]?.command).toBe("flyball keys create --name ci");
    expect(all[3]?.composed?.reason?.key).toBe("override.asked");
    const some = async (query: string) =>
      ((await call("GET", `/v1/audit?${query}`)).body["entries"] as AuditRecord[]).length;
    expect(await some("limit=2")).toBe(2);
    expect(await some(`since=${rig.clock.now() + 1}`)).toBe(0);
    const refused = await call("GET", "/v1/audit?since=yesterday");
    expect([refused.status, codeOf(refused)]).toEqual([400, "FB_CONTROL_BAD_REQUEST"]);
  });
});

describe("the control API", () => {
  it("tells its health to anyone on loopback and nothing else without the token", async () => {
    expect((await call("GET", "/v1/health", { token: "" })).status).toBe(200);
    for (const token of ["", "secret-toke", "secret-tokenx"]) {
      const refused = await call("GET", "/v1/status", { token });
      expect(refused.status).toBe(401);
      expect(codeOf(refused)).toBe("FB_CONTROL_UNAUTHORISED");
    }
  });

  it("refuses a request that came in under another host name, as a rebound DNS name would", async () => {
    expect((await call("GET", "/v1/status", { host: "evil.example" })).status).toBe(401);
    expect((await call("GET", "/v1/status", { host: `localhost:${port}` })).status).toBe(200);
  });

  it("plans without writing, applies, and answers the same spec with no change", async () => {
    const { healthcheck: _check, ...service } = makeService("api", { ports: [] });
    const spec = makeSpec([service]);
    const plan = await call("POST", "/v1/plan", { body: { spec } });
    expect(plan.body).toMatchObject({
      fromRevision: null,
      toRevision: 1,
      steps: [{ service: "api", action: "start" }],
    });
    expect(rig.store.revisions.latest()).toBeUndefined();
    expect((await call("POST", "/v1/revisions", { body: { spec, author: "a", reason: "up" } })).body).toMatchObject({
      isChanged: true,
    });
    expect((await call("POST", "/v1/revisions", { body: { spec, author: "a", reason: "up" } })).body).toMatchObject({
      isChanged: false,
    });
    expect((await call("GET", "/v1/revisions")).body).toMatchObject({ current: 1 });
  });

  it("names what is unknown or wrong, with a hint, and never a stack", async () => {
    const answers = await Promise.all([
      call("POST", "/v1/restart", { body: { service: "nope" } }),
      call("GET", "/v1/incidents/99"),
      call("POST", "/v1/scale", { body: { service: "nope", replicas: "many" } }),
      call("GET", "/v1/nothing"),
    ]);
    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 400, 404]);
    for (const answer of answers) expect(JSON.stringify(answer.body)).not.toMatch(/\.ts:\d+/);
    expect(codeOf(answers[0]!)).toBe("FB_CONTROL_NOT_FOUND");
  });

  it("passes the wish to stop on, once asked with the token", async () => {
    expect((await call("POST", "/v1/down", { body: { reason: "enough" } })).status).toBe(202);
    expect(downs).toEqual(["enough"]);
  });
});
