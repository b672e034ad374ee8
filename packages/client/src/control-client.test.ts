import { type AppSpec, FlyballError, isFlyballError } from "@flyball/core";
import { expect, test } from "vitest";
import { type ControlClient, createControlClient } from "./control-client.ts";
import { answerJson, startControlServer } from "./testing/control-server.ts";

const spec = { name: "demo" } as AppSpec;

const CALLS: readonly (readonly [string, string, unknown, (control: ControlClient) => Promise<unknown>])[] = [
  ["GET", "/v1/status", undefined, (control) => control.status()],
  ["GET", "/v1/revisions", undefined, (control) => control.revisions()],
  ["GET", "/v1/revisions/7", undefined, (control) => control.revision(7)],
  ["POST", "/v1/plan", { spec }, (control) => control.plan(spec)],
  [
    "POST",
    "/v1/revisions",
    { spec, author: "ann", reason: "up" },
    (control) => control.apply({ spec, author: "ann", reason: "up" }),
  ],
  ["POST", "/v1/rollback", { to: 3 }, (control) => control.rollback({ to: 3 })],
  ["GET", "/v1/diff?from=1&to=2", undefined, (control) => control.diff({ from: 1, to: 2 })],
  ["GET", "/v1/diff", undefined, (control) => control.diff({})],
  ["GET", "/v1/incidents?limit=5&state=open", undefined, (control) => control.incidents({ limit: 5, state: "open" })],
  ["GET", "/v1/incidents/inc_1%2F2", undefined, (control) => control.incident("inc_1/2")],
  ["GET", "/v1/audit?since=7&limit=5", undefined, (control) => control.audit({ since: 7, limit: 5 })],
  [
    "POST",
    "/v1/restart",
    { service: "a", instance: "a/1" },
    (control) => control.restart({ service: "a", instance: "a/1" }),
  ],
  ["POST", "/v1/scale", { service: "a", replicas: 3 }, (control) => control.scale({ service: "a", replicas: 3 })],
  ["POST", "/v1/scale", { service: "a", replicas: "auto" }, (control) => control.followManifest({ service: "a" })],
  ["GET", "/v1/top", undefined, (control) => control.top()],
  ["POST", "/v1/pause", { forMs: 5, reason: "r" }, (control) => control.pause({ forMs: 5, reason: "r" })],
  ["POST", "/v1/resume", { service: "a" }, (control) => control.resume({ service: "a" })],
  ["GET", "/v1/keys", undefined, (control) => control.keys()],
  ["POST", "/v1/keys", { name: "ci" }, (control) => control.createKey({ name: "ci" })],
  ["POST", "/v1/keys/ci%2F1/rotate", { keepMs: 5 }, (control) => control.rotateKey("ci/1", { keepMs: 5 })],
  ["POST", "/v1/keys/key_1/revoke", {}, (control) => control.revokeKey("key_1", {})],
  ["GET", "/v1/keys/usage?key=key_1&since=5", undefined, (control) => control.keyUsage({ key: "key_1", since: 5 })],
  ["POST", "/v1/notices/test", { channel: "ops" }, (control) => control.testNotice({ channel: "ops" })],
  ["GET", "/v1/overrides", undefined, (control) => control.overrides()],
  ["POST", "/v1/run", { service: "a", command: ["x"] }, (control) => control.run({ service: "a", command: ["x"] })],
];

test.each(CALLS)(
  "%s %s is sent with token, actor and body, and its answer handed back",
  async (method, path, body, call) => {
    await using server = await startControlServer((_, response) => answerJson(response, 200, { answered: path }));
    const control = createControlClient({ url: server.url, token: "secret", actor: "ann", command: "flyball 试" });
    expect(await call(control)).toEqual({ answered: path });
    expect(server.seen).toEqual([
      { method, path, body, authorization: "Bearer secret", actor: "ann", command: encodeURIComponent("flyball 试") },
    ]);
  },
);

test("health needs no token, and down takes an empty 202 for an answer", async () => {
  await using server = await startControlServer((_, response) => void response.writeHead(202).end());
  const control = createControlClient({ url: server.url });
  await control.health();
  await control.down({ reason: "end" });
  expect(server.seen.map(({ path, authorization }) => [path, authorization])).toEqual([
    ["/v1/health", undefined],
    ["/v1/down", undefined],
  ]);
});

test("an error of the API comes out with the code and details that control raised", async () => {
  const raised = new FlyballError("FB_CONTROL_NOT_FOUND", { what: "service", name: "x", remedy: "Try: flyball ps" });
  await using server = await startControlServer((_, response) => answerJson(response, 404, { error: raised.toJSON() }));
  const error = await caught(createControlClient({ url: server.url, token: "t" }).status());
  expect(isFlyballError(error, "FB_CONTROL_NOT_FOUND")).toBe(true);
  expect((error as FlyballError).message).toBe("there is no service x");
  expect((error as FlyballError).hint).toBe("Try: flyball ps");
});

test("a code that this version does not know keeps control's own words", async () => {
  const error = { code: "FB_FUTURE_THING", message: "the moon is full", details: {} };
  await using server = await startControlServer((_, response) => answerJson(response, 409, { error }));
  const raised = await caught(createControlClient({ url: server.url, token: "t" }).status());
  expect((raised as FlyballError).code).toBe("FB_CONTROL_BAD_REQUEST");
  expect((raised as FlyballError).message).toContain("the moon is full (FB_FUTURE_THING)");
});

test("a refused token is FB_CONTROL_UNAUTHORISED even without a body", async () => {
  await using server = await startControlServer((_, response) => void response.writeHead(401).end());
  const error = await caught(createControlClient({ url: server.url, token: "wrong" }).status());
  expect(isFlyballError(error, "FB_CONTROL_UNAUTHORISED")).toBe(true);
});

test("nobody at the address is FB_CONTROL_UNREACHABLE", async () => {
  const server = await startControlServer((_, response) => void response.end());
  await server[Symbol.asyncDispose]();
  const error = await caught(createControlClient({ url: server.url }).status());
  expect(isFlyballError(error, "FB_CONTROL_UNREACHABLE")).toBe(true);
});

test("an answer that does not come in time is FB_CONTROL_UNREACHABLE", async () => {
  await using server = await startControlServer(() => undefined);
  const error = await caught(createControlClient({ url: server.url, timeoutMs: 30 }).status());
  expect(isFlyballError(error, "FB_CONTROL_UNREACHABLE")).toBe(true);
});

test("a call that is aborted rejects with the signal's reason", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  await using server = await startControlServer(() => stop.abort(reason));
  expect(await caught(createControlClient({ url: server.url }).health(stop.signal))).toBe(reason);
});

async function caught(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("it did not reject");
}
