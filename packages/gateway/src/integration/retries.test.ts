// What happens to a request when an upstream fails, with upstreams that count what they executed.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { EndpointSnapshot, PoolSnapshot, RouteSnapshot } from "@flyball/core";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, pool, route, snapshot, TIMEOUTS } from "../testdata/snapshots.ts";
import { open, send } from "../testdata/test-client.ts";
import { startUpstream, type TestUpstream } from "../testdata/test-upstream.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let rig: Rig;
let version = 0;
const upstreams: TestUpstream[] = [];

beforeAll(async () => {
  rig = await createRig();
  rig.send(snapshot(++version, {}));
  await rig.start().ready;
});
afterAll(() => rig.dispose());
afterEach(async () => {
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.kill()));
});

async function up(...args: Parameters<typeof startUpstream>): Promise<TestUpstream> {
  const upstream = await startUpstream(...args);
  upstreams.push(upstream);
  return upstream;
}

async function publish(
  endpoints: readonly EndpointSnapshot[],
  more: { pool?: Partial<PoolSnapshot>; route?: Partial<RouteSnapshot> } = {},
): Promise<void> {
  version += 1;
  const applied = await rig.publish(
    snapshot(version, {
      pools: [pool("web", endpoints, more.pool)],
      routes: [route("all", "web", more.route)],
    }),
  );
  expect(applied).toBe("applied");
}

const call = (more: object = {}) => send({ port: rig.port("public"), ...more });
let nextId = 0;
const at = (port: number, more: Partial<EndpointSnapshot> = {}) => endpoint(`web/${(nextId += 1)}@1`, port, more);

/** Executes the request, then its connection breaks before the first byte of an answer. */
const executesThenDies: Parameters<typeof startUpstream>[0] = (request) => {
  request.on("end", () => request.socket.resetAndDestroy());
};

async function closedPort(): Promise<number> {
  const server: Server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe("when nothing was sent", () => {
  it("serves every POST from the endpoint that is there, each executed once", async () => {
    const good = await up();
    await publish([at(await closedPort(), { capacity: 1_000 }), at(good.port)]);
    const replies = await Promise.all(Array.from({ length: 40 }, (_, index) => call({ body: `n=${index}` })));
    expect(replies.map(({ status }) => status)).toEqual(Array(40).fill(200));
    expect(new Set(good.received.map(({ body }) => body.toString())).size).toBe(40);
    expect(good.received).toHaveLength(40);
  });

  it("keeps asking nobody but a probe once an endpoint refused, and uses it again when it is back", async () => {
    const good = await up();
    const flaky = await up();
    const flakyEndpoint = at(flaky.port);
    await publish([flakyEndpoint, at(good.port)]);
    await flaky.kill();
    for (let request = 0; request < 20; request += 1) await call({ body: "x" });
    expect(good.received).toHaveLength(20);
    await flaky.revive();
    const isBack = async (): Promise<boolean> => {
      for (let request = 0; request < 4; request += 1) await call({ body: "x" });
      return flaky.received.length > 0;
    };
    const limit = performance.now() + 5_000;
    while (!(await isBack())) expect(performance.now()).toBeLessThan(limit);
  });

  it("waits through the gap of a restart: an instance goes and comes back under the same address", async () => {
    const only = await up();
    await publish([at(only.port)]);
    await call();
    await only.kill();
    const waiting = Array.from({ length: 30 }, () => call({ body: "x" }));
    setTimeout(() => void only.revive(), 700);
    const replies = await Promise.all(waiting);
    expect(replies.every(({ status }) => status === 200)).toBe(true);
    expect(only.received).toHaveLength(31);
  });

  it("waits for an endpoint that a new snapshot brings", async () => {
    await publish([]);
    const waiting = Array.from({ length: 30 }, () => call({ body: "x" }));
    const fresh = await up();
    setTimeout(() => void publish([at(fresh.port)]), 300);
    const replies = await Promise.all(waiting);
    expect(replies.map(({ status }) => status)).toEqual(Array(30).fill(200));
  });

  it("says after two seconds that there is no instance, with retry-after", async () => {
    await publish([]);
    const startedAt = performance.now();
    const reply = await call({ body: "x" });
    expect(performance.now() - startedAt).toBeGreaterThan(1_900);
    expect(performance.now() - startedAt).toBeLessThan(2_600);
    expect([reply.status, reply.headers["retry-after"]]).toEqual([503, "1"]);
    expect(reply.json().error.code).toBe("FB_GATEWAY_NO_ENDPOINT");
  });

  it("says that nothing was executed when every instance refused", async () => {
    await publish([at(await closedPort())]);
    const reply = await call({ body: "x" });
    expect([reply.status, reply.json().error.code]).toEqual([502, "FB_GATEWAY_CONNECT"]);
  });

  it("refuses the thousand-and-first waiting request at once", async () => {
    await publish([]);
    const replies: number[] = [];
    const all = Array.from({ length: 1_050 }, () => call({ body: "x" }).then((reply) => replies.push(reply.status)));
    await rig.waitUntil(() => replies.length >= 50, "the refused ones", 1_900);
    expect(replies.every((status) => status === 503)).toBe(true);
    await Promise.all(all);
  });
});

describe("when the connection is lost after the request was sent", () => {
  it("gives one typed 502 to a POST and executes it once", async () => {
    const dying = await up(executesThenDies);
    const spare = await up();
    await publish([at(dying.port, { capacity: 1_000 }), at(spare.port)]);
    const reply = await call({ body: "pay" });
    expect(reply.status).toBe(502);
    expect(reply.json().error).toMatchObject({ code: "FB_GATEWAY_UPSTREAM_LOST" });
    expect(reply.json().error.message).toContain("may have been executed");
    expect(dying.received.length + spare.received.length).toBe(1);
  });

  it.each([
    ["a GET", { method: "GET" }, {}],
    ["a PUT", { method: "PUT", body: "x" }, {}],
    ["a POST with an Idempotency-Key", { body: "x", headers: { "idempotency-key": "k" } }, {}],
    ["a POST on a route that opted in", { body: "x" }, { route: { retries: { attempts: 2, isUnsafeAllowed: true } } }],
    ["a POST to a service that opted in", { body: "x" }, { pool: { retries: { attempts: 2, isUnsafeAllowed: true } } }],
  ])("sends %s to another instance", async (_name, what, allow) => {
    const dying = await up(executesThenDies);
    const spare = await up();
    await publish([at(dying.port, { capacity: 1_000 }), at(spare.port)], allow);
    const reply = await call(what);
    expect(reply.status).toBe(200);
    expect([dying.received.length, spare.received.length]).toEqual([1, 1]);
    expect(spare.received[0]?.body.toString()).toBe("body" in what ? what.body : "");
  });

  it("never says that nothing was executed when the second instance refuses", async () => {
    const dying = await up(executesThenDies);
    await publish([at(dying.port, { capacity: 1_000 }), at(await closedPort())]);
    const reply = await call({ method: "PUT", body: "x" });
    expect(dying.received.length).toBeGreaterThan(0);
    expect([reply.status, reply.json().error.code]).toEqual([502, "FB_GATEWAY_UPSTREAM_LOST"]);
  });

  it("tells the other instance that it is the second attempt, and repeats nothing that is one already", async () => {
    const dying = await up(executesThenDies);
    const spare = await up();
    await publish([at(dying.port, { capacity: 1_000 }), at(spare.port)]);
    expect((await call({ method: "PUT", body: "x" })).status).toBe(200);
    const numbers = [dying, spare].map(({ received }) => received[0]?.headers["x-flyball-attempt"]);
    expect(numbers).toEqual([undefined, "2"]);
    await publish([at(dying.port, { capacity: 1_000 }), at(spare.port)]);
    const again = await call({ method: "PUT", body: "x", headers: { "x-flyball-attempt": "2" } });
    expect([again.status, again.json().error.code]).toEqual([502, "FB_GATEWAY_UPSTREAM_LOST"]);
    expect([dying.received.length, spare.received.length]).toEqual([2, 1]);
    expect(dying.received[1]?.headers["x-flyball-attempt"]).toBe("2");
  });

  it("sends a streamed body of 200 KiB again, whole", async () => {
    const dying = await up((request) => void request.once("data", () => request.socket.resetAndDestroy()));
    const spare = await up();
    await publish([at(dying.port, { capacity: 1_000 }), at(spare.port)]);
    const body = Buffer.alloc(200 * 1024, "b");
    const reply = await call({ method: "PUT", body, headers: { "transfer-encoding": "chunked" } });
    expect(reply.json().length).toBe(body.length);
    expect(spare.received[0]?.body.equals(body)).toBe(true);
  });

  it("does not send a body again that was too large to keep", async () => {
    const dying = await up((request) => {
      let seen = 0;
      request.on("data", (chunk: Buffer) => {
        seen += chunk.length;
        if (seen > 900 * 1024) request.socket.resetAndDestroy();
      });
    });
    const spare = await up();
    await publish([at(dying.port, { capacity: 1_000 }), at(spare.port)]);
    const reply = await call({ method: "PUT", body: Buffer.alloc(1024 * 1024) });
    expect([reply.status, reply.json().error.code]).toEqual([502, "FB_GATEWAY_UPSTREAM_LOST"]);
    expect(spare.received).toHaveLength(0);
  });

  it("stops after the attempts that the route allows", async () => {
    const all = [
      await up(executesThenDies),
      await up(executesThenDies),
      await up(executesThenDies),
      await up(executesThenDies),
    ];
    await publish(all.map(({ port }) => at(port)));
    const reply = await call();
    expect(reply.status).toBe(502);
    expect(all.reduce((sum, { received }) => sum + received.length, 0)).toBe(3);
  });

  it("breaks the client's connection off when the response had begun, and never ends it cleanly", async () => {
    const cut = await up((_request, response) => {
      response.writeHead(200);
      response.write("half of ");
      setTimeout(() => response.socket?.resetAndDestroy(), 30);
    });
    await publish([at(cut.port)]);
    await expect(call()).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    expect(cut.received).toHaveLength(1);
  });

  it("passes statuses on as they are: a 500 was executed", async () => {
    const failing = await up((_request, response) => void response.writeHead(503).end("mine"));
    const spare = await up();
    await publish([at(failing.port, { capacity: 1_000 }), at(spare.port)]);
    const reply = await call();
    expect([reply.status, reply.text]).toEqual([503, "mine"]);
    expect(spare.received).toHaveLength(0);
  });
});

describe("time limits", () => {
  const silent: Parameters<typeof startUpstream>[0] = () => undefined;

  it("answers 504 when no first byte came in time, and does not try again", async () => {
    const mute = await up(silent);
    await publish([at(mute.port)], { pool: { timeouts: { ...TIMEOUTS, firstByteMs: 150 } } });
    const startedAt = performance.now();
    const reply = await call();
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect([reply.status, reply.json().error.code]).toEqual([504, "FB_GATEWAY_TIMEOUT"]);
    await rig.waitUntil(() => mute.received[0]?.abortedAt !== undefined, "the upstream's end");
    expect(mute.received).toHaveLength(1);
  });

  it("lets a slow upload take longer than the limit for the first byte", async () => {
    const slow = await up();
    await publish([at(slow.port)], { pool: { timeouts: { ...TIMEOUTS, firstByteMs: 200 } } });
    const request = open({ port: rig.port("public"), method: "POST" });
    const status = new Promise<number>((resolve) =>
      request.once("response", (response) => resolve(response.statusCode ?? 0)),
    );
    for (let piece = 0; piece < 6; piece += 1) {
      request.write("x");
      await new Promise((resolve) => setTimeout(resolve, 80));
    }
    request.end();
    expect(await status).toBe(200);
  });

  it("answers 408 when the client stops sending its body", async () => {
    const slow = await up();
    await publish([at(slow.port)], { pool: { timeouts: { ...TIMEOUTS, firstByteMs: 150 } } });
    const request = open({ port: rig.port("public"), method: "POST" });
    request.write("x");
    const status = await new Promise((resolve) => request.once("response", (response) => resolve(response.statusCode)));
    expect(status).toBe(408);
  });

  it("breaks off at a gap in the body, and at the total limit", async () => {
    const dripping = await up((_request, response) => {
      response.write("a");
      const timer = setInterval(() => response.write("b"), 60);
      response.once("close", () => clearInterval(timer));
    });
    await publish([at(dripping.port)], { pool: { timeouts: { ...TIMEOUTS, gapMs: 30 } } });
    await expect(call()).rejects.toThrow();
    const startedAt = performance.now();
    await publish([at(dripping.port)], { pool: { timeouts: { ...TIMEOUTS, gapMs: 200, totalMs: 400 } } });
    await expect(call()).rejects.toThrow();
    expect(performance.now() - startedAt).toBeGreaterThan(380);
    expect(performance.now() - startedAt).toBeLessThan(900);
  });

  it("obeys the client's deadline before its own limits", async () => {
    const mute = await up(silent);
    await publish([at(mute.port)]);
    const startedAt = performance.now();
    const reply = await call({ headers: { "x-flyball-deadline": String(Date.now() + 200) } });
    expect(reply.status).toBe(504);
    expect(performance.now() - startedAt).toBeLessThan(600);
  });

  it("lets a connection that is not answered cost the connect limit, then goes elsewhere", async () => {
    const stopped = await startStopped();
    const good = await up();
    await publish([at(stopped.port, { capacity: 1_000 }), at(good.port)], {
      pool: { timeouts: { ...TIMEOUTS, connectMs: 150 } },
    });
    const startedAt = performance.now();
    const reply = await call({ body: "x" });
    expect(reply.status).toBe(200);
    expect(performance.now() - startedAt).toBeGreaterThan(140);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    stopped.end();
  });
});

/** A program that listens, is stopped, and whose accept queue is full: the system drops further connections. */
async function startStopped(): Promise<{ port: number; end(): void }> {
  const script = `require("node:net").createServer().listen({port:0,host:"127.0.0.1",backlog:1},function(){console.log(this.address().port)})`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  const [line] = (await once(child.stdout, "data")) as [Buffer];
  const port = Number(line.toString());
  child.kill("SIGSTOP");
  const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1"));
  for (const filler of fillers) filler.on("error", () => undefined);
  await new Promise((resolve) => setTimeout(resolve, 50));
  return {
    port,
    end() {
      for (const filler of fillers) filler.destroy();
      child.kill("SIGKILL");
    },
  };
}
