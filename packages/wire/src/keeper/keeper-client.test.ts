import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FlyballError } from "@flyball/core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dialJsonLines } from "../dial-json-lines.ts";
import { listenJsonLines } from "../listen-json-lines.ts";
import type { JsonLinesConnection } from "../json-lines.ts";
import { connectKeeper, type KeeperClient } from "./keeper-client.ts";
import { KEEPER_PROTOCOL, type KeptProcess } from "./keeper-protocol.ts";
import { serveKeeper, type KeeperHandlers, type KeeperServer } from "./keeper-server.ts";

const ABOUT = { app: "qa", clone: "c", pid: 4_711, startedAt: 1, bootId: "b", version: "1.0.0" };
const PROCESS = { key: "a#1", tag: "a", state: "running" } as KeptProcess;

let folder: string;
let path: string;
const cleanups: (() => unknown)[] = [];
const owners: boolean[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fb-kc-"));
  path = join(folder, "state", "k.sock");
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
  owners.length = 0;
  await rm(folder, { recursive: true });
});

async function serve(handlers: Partial<KeeperHandlers> = {}): Promise<KeeperServer> {
  const onOwner = (isHere: boolean): void => void owners.push(isHere);
  const server = await serveKeeper({ path, about: ABOUT, handlers: handlers as KeeperHandlers, onOwner });
  cleanups.push(() => server.close());
  return server;
}

async function connect(isOwner = false): Promise<KeeperClient> {
  const client = await connectKeeper({ path, role: "test", isOwner });
  cleanups.push(() => client.close());
  return client;
}

/** A server that answers as the test says. */
async function scripted(answer: (message: { id: number }, connection: JsonLinesConnection) => void): Promise<void> {
  path = join(folder, "s.sock");
  const listener = await listenJsonLines(path, (connection) =>
    connection.onMessage((message) => answer(message as { id: number }, connection)),
  );
  cleanups.push(() => listener.close());
}

describe("a keeper's client", () => {
  it("says hello and hears who answers", async () => {
    await serve();
    expect((await connect()).keeper).toEqual({ protocol: KEEPER_PROTOCOL, ...ABOUT });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, "state"))).mode & 0o777).toBe(0o700);
  });

  it("matches answers to calls in any order", async () => {
    const first = Promise.withResolvers<{ values: Record<string, string> }>();
    await serve({
      "secrets-get": ({ names }) => (names[0] === "slow" ? first.promise : { values: { [names[0]!]: "fast" } }),
    });
    const client = await connect();
    const slow = client.call("secrets-get", { names: ["slow"] });
    expect(await client.call("secrets-get", { names: ["b"] })).toEqual({ values: { b: "fast" } });
    first.resolve({ values: { slow: "at last" } });
    expect(await slow).toEqual({ values: { slow: "at last" } });
  });

  it("gives an error back with code and details, and a bug as FB_KEEPER_FAILED", async () => {
    await serve({
      bind: () => {
        throw new FlyballError("FB_KEEPER_BIND", { host: "h", port: 1, reason: "busy" });
      },
      list: () => Promise.reject(new Error("a bug")),
      unbind: () => {},
    });
    const client = await connect();
    const bind = client.call("bind", { id: "a", host: "h", port: 1, tryNext: 0 });
    await expect(bind).rejects.toMatchObject({
      code: "FB_KEEPER_BIND",
      message: "cannot bind h:1: busy",
      details: { port: 1 },
    });
    await expect(client.call("list", {})).rejects.toMatchObject({
      code: "FB_KEEPER_FAILED",
      details: { method: "list", reason: "a bug" },
    });
    await expect(client.call("toString" as never, {} as never)).rejects.toMatchObject({ code: "FB_KEEPER_UNKNOWN" });
    expect(await client.call("unbind", { id: "a" })).toEqual({});
  });

  it("finds nobody: FB_KEEPER_UNREACHABLE with the path", async () => {
    await expect(connect()).rejects.toMatchObject({ code: "FB_KEEPER_UNREACHABLE", details: { path } });
  });

  it("loses the keeper: open and later calls fail, and it is told", async () => {
    const server = await serve({ list: () => new Promise(() => {}) });
    const client = await connect();
    const closed = new Promise<void>((resolve) => client.onClose(resolve));
    const open = client.call("list", {});
    const failure = expect(open).rejects.toMatchObject({ code: "FB_KEEPER_UNREACHABLE" });
    await server.close();
    await failure;
    await closed;
    await expect(client.call("list", {})).rejects.toMatchObject({ code: "FB_KEEPER_UNREACHABLE" });
    await new Promise<void>((resolve) => client.onClose(resolve));
  });

  it("drops a call whose signal aborts, and the others go on", async () => {
    await serve({ list: () => new Promise(() => {}), listeners: () => ({ listeners: [] }) });
    const client = await connect();
    const controller = new AbortController();
    const call = client.call("list", {}, controller.signal);
    controller.abort(new Error("enough"));
    await expect(call).rejects.toThrow("enough");
    await expect(client.call("list", {}, controller.signal)).rejects.toThrow("enough");
    expect(await client.call("listeners", {})).toEqual({ listeners: [] });
  });

  it("hears events only after watch", async () => {
    const server = await serve({ watch: () => ({ processes: [PROCESS] }), listeners: () => ({ listeners: [] }) });
    const [watcher, other] = [await connect(), await connect()];
    const seen: string[] = [];
    const heard = new Promise<void>((resolve) =>
      watcher.onEvent(({ event }) => {
        seen.push(`watcher ${event}`);
        resolve();
      }),
    );
    other.onEvent(({ event }) => seen.push(`other ${event}`));
    expect(await watcher.call("watch", {})).toEqual({ processes: [PROCESS] });
    server.publish({ event: "process-started", data: PROCESS });
    await heard;
    await other.call("listeners", {});
    expect(seen).toEqual(["watcher process-started"]);
  });

  it("refuses a keeper of another protocol", async () => {
    await scripted(({ id }, connection) =>
      connection.send({ id, result: { ...ABOUT, protocol: "flyball.keeper/v9" } }),
    );
    await expect(connect()).rejects.toMatchObject({
      code: "FB_KEEPER_PROTOCOL",
      details: { seen: "flyball.keeper/v9", expected: KEEPER_PROTOCOL },
    });
  });

  it("survives an answer with a code of a later version, and answers to nothing", async () => {
    await scripted(({ id }, connection) => {
      connection.send({ id: 999, result: {} });
      connection.send({ id, error: { code: "FB_KEEPER_NEW", message: "something new", details: {} } });
    });
    await expect(connect()).rejects.toMatchObject({
      code: "FB_KEEPER_FAILED",
      details: { reason: "FB_KEEPER_NEW: something new" },
    });
  });
});

describe("a keeper's server", () => {
  it("refuses another protocol and any call before hello, and tells its pid", async () => {
    await serve({ list: () => ({ processes: [] }) });
    const connection = await dialJsonLines(path);
    const answers: unknown[] = [];
    const done = new Promise<void>((resolve) =>
      connection.onMessage((message) => answers.push(message) === 3 && resolve()),
    );
    connection.send({ id: 1, method: "list", params: {} });
    connection.send({ id: 2, method: "hello", params: { protocol: "flyball.keeper/v0" } });
    connection.send(null);
    await done;
    connection.close();
    expect(answers).toMatchObject([
      { id: 1, error: { code: "FB_KEEPER_PROTOCOL" } },
      {
        id: 2,
        error: {
          code: "FB_KEEPER_PROTOCOL",
          details: { seen: KEEPER_PROTOCOL, expected: "flyball.keeper/v0", pid: 4_711 },
        },
      },
      { error: { code: "FB_KEEPER_PROTOCOL" } },
    ]);
  });

  it("tells of owners that come and go, unless they detached", async () => {
    const server = await serve({ listeners: () => ({ listeners: [] }) });
    const [owner, detached] = [await connect(true), await connect(true)];
    await detached.call("detach", {});
    detached.close();
    owner.close();
    await expect.poll(() => owners).toEqual([true, true, false]);
    await server.close();
  });

  it("says that another one is there", async () => {
    await serve();
    await expect(serve()).rejects.toMatchObject({ code: "FB_KEEPER_RUNNING", details: { path } });
  });
});
