// Snapshots come and go under load, and the gateway starts, ends and is killed without a client noticing.
import { Agent } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { RequestEvidence, PoolEvidence } from "@flyball/core";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, pool, route, snapshot, TIMEOUTS } from "../testdata/snapshots.ts";
import { open, send } from "../testdata/test-client.ts";
import { startUpstream, type TestUpstream } from "../testdata/test-upstream.ts";

let rig: Rig;
const upstreams: TestUpstream[] = [];
const loads = new Set<{ stop(): Promise<void> }>();

afterEach(async () => {
  await Promise.all(Array.from(loads, (each) => each.stop()));
  await rig.dispose();
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.kill()));
});

async function up(...args: Parameters<typeof startUpstream>): Promise<TestUpstream> {
  const upstream = await startUpstream(...args);
  upstreams.push(upstream);
  return upstream;
}

/** Clients that ask one after the other until told to stop; what failed and what went well. */
function load(clients: number, ask: (agent: Agent) => Promise<number>) {
  const failures: string[] = [];
  let answered = 0;
  const state = { isRunning: true };
  const agent = new Agent({ keepAlive: true, maxSockets: clients });
  const workers = Array.from({ length: clients }, async () => {
    while (state.isRunning) {
      try {
        const status = await ask(agent);
        if (status === 200) answered += 1;
        else failures.push(`status ${status}`);
      } catch (error) {
        failures.push(String(error));
      }
    }
  });
  const running = {
    failures,
    answered: () => answered,
    async stop() {
      loads.delete(running);
      state.isRunning = false;
      await Promise.all(workers);
      agent.destroy();
    },
  };
  loads.add(running);
  return running;
}

vi.setConfig({ testTimeout: 40_000 });

describe("snapshots", () => {
  it("are swapped under load, with endpoints that come, drain and go, without a failed request", async () => {
    const [a, b, c] = [await up(), await up(), await up()];
    rig = await createRig({ workers: 2 });
    let version = 1;
    const of = (first: TestUpstream, second: TestUpstream, isFirstDraining: boolean) =>
      snapshot(version, {
        pools: [
          pool("web", [
            endpoint(`web/${first.port}@1`, first.port, { state: isFirstDraining ? "draining" : "serving" }),
            endpoint(`web/${second.port}@1`, second.port, { weight: 1 + (version % 3) }),
          ]),
        ],
        routes: [route("all", "web")],
      });
    rig.send(of(a, b, false));
    await rig.start().ready;
    const running = load(8, async (agent) => (await send({ port: rig.port("public"), agent, body: "x" })).status);
    const pairs = [
      [a, b],
      [b, c],
      [c, a],
    ] as const;
    for (let swap = 0; swap < 60; swap += 1) {
      const [first, second] = pairs[swap % 3] ?? pairs[0];
      version += 1;
      expect(await rig.publish(of(first, second, swap % 2 === 0))).toBe("applied");
    }
    await rig.waitUntil(() => running.answered() > 2_000, "2,000 answers", 20_000);
    await running.stop();
    expect(running.failures).toEqual([]);
  });

  it("that are invalid are refused with a reason, and the old one is served on", async () => {
    const web = await up();
    rig = await createRig();
    const good = snapshot(1, { pools: [pool("web", [endpoint("web/0@1", web.port)])], routes: [route("all", "web")] });
    rig.send(good);
    await rig.start().ready;
    const refusal = await rig.publish({ ...good, version: 2, routes: [route("all", "gone")] });
    expect(refusal).toContain("unknown pool gone");
    expect((await send({ port: rig.port("public") })).status).toBe(200);
  });

  it("name listeners without a socket: they are reported, the others are served", async () => {
    const web = await up();
    rig = await createRig();
    rig.send(
      snapshot(1, {
        listeners: ["public", "models"],
        pools: [pool("web", [endpoint("web/0@1", web.port)])],
        routes: [route("all", "web")],
      }),
    );
    await rig.start().ready;
    const failed = await rig.waitFor("listen-failed");
    expect(failed).toMatchObject({ listener: "models", reason: "no socket was inherited for it" });
    expect((await send({ port: rig.port("public") })).status).toBe(200);
  });

  it("on disk are enough to serve while control is away; its own comes over the link later", async () => {
    const [old, fresh] = [await up(), await up()];
    rig = await createRig({ isControlAway: true });
    const of = (version: number, upstream: TestUpstream) =>
      snapshot(version, {
        pools: [pool("web", [endpoint(`web/${version}@1`, upstream.port)])],
        routes: [route("all", "web")],
      });
    await rig.writeSnapshotFile(of(1, old));
    await rig.start().ready;
    for (let call = 0; call < 5; call += 1) await send({ port: rig.port("public") });
    expect(old.received).toHaveLength(5);
    rig.send(of(2, fresh));
    await rig.startControl();
    await rig.waitUntil(
      () => rig.messages.some((message) => message.type === "snapshot-applied" && message.version === 2),
      "the new snapshot",
    );
    await send({ port: rig.port("public") });
    expect(fresh.received).toHaveLength(1);
    // What was seen while control was away comes now.
    await rig.waitUntil(
      () =>
        rig.signals.some(
          (signal) => signal.kind === "requests" && signal.endpoint === "web/1@1" && signal.outcomes.succeeded === 5,
        ),
      "the evidence from before",
    );
  });
});

describe("evidence", () => {
  it("tells what happened at each endpoint and what clients saw of the pool", async () => {
    const failing = await up((_request, response) => void response.writeHead(503).end());
    const dying = await up((request) => void request.on("end", () => request.socket.resetAndDestroy()));
    rig = await createRig();
    rig.send(
      snapshot(1, {
        pools: [
          pool("f", [endpoint("f/0@1", failing.port)]),
          pool("d", [endpoint("d/0@1", dying.port)]),
          pool("t", [endpoint("t/0@1", (await up(() => undefined)).port)], {
            timeouts: { ...TIMEOUTS, firstByteMs: 50 },
          }),
        ],
        routes: [
          route("f", "f", { match: { pathPrefix: "/f" } }),
          route("d", "d", { match: { pathPrefix: "/d" } }),
          route("t", "t", { match: { pathPrefix: "/t" } }),
        ],
      }),
    );
    await rig.start().ready;
    const before = Date.now();
    for (const path of ["/f", "/d", "/t"]) await send({ port: rig.port("public"), path, body: "x" });
    const evidence = (name: string) =>
      rig.signals.find(
        // A window that ends while a request still runs has no outcome of it.
        (signal): signal is RequestEvidence =>
          signal.kind === "requests" &&
          signal.endpoint === `${name}/0@1` &&
          Object.values(signal.outcomes).some((count) => count > 0),
      );
    await rig.waitUntil(() => ["f", "d", "t"].every((name) => evidence(name)), "evidence of all three");
    expect(evidence("f")).toMatchObject({ outcomes: { "server-error": 1 }, lastFailure: "status 503", inFlight: 0 });
    expect(evidence("d")?.outcomes).toEqual({ reset: 1 });
    expect(evidence("d")?.lastFailure).toMatch(/ECONNRESET|UND_ERR_SOCKET/);
    expect(evidence("t")).toMatchObject({ outcomes: { timeout: 1 }, lastFailure: "first-byte limit of 50 ms" });
    const bad = evidence("d")?.firstBadAt ?? 0;
    expect(bad).toBeGreaterThanOrEqual(before);
    expect(bad).toBeLessThanOrEqual(Date.now());
    const pools = rig.signals.filter((signal): signal is PoolEvidence => signal.kind === "pool");
    expect(pools.map(({ pool: id, failed }) => [id, failed]).toSorted()).toEqual([
      ["d", 1],
      ["f", 1],
      ["t", 1],
    ]);
  });

  it("says once that a draining endpoint is idle, after its last request", async () => {
    let finish = (): void => undefined;
    const web = await up((_request, response) => {
      response.write("a");
      finish = () => void response.end("b");
    });
    rig = await createRig();
    const of = (version: number, state: "serving" | "draining") =>
      snapshot(version, {
        pools: [pool("web", [endpoint("web/0@1", web.port, { state })])],
        routes: [route("all", "web")],
      });
    rig.send(of(1, "serving"));
    await rig.start().ready;
    const reply = send({ port: rig.port("public") });
    await rig.waitUntil(() => web.received.length === 1, "the request");
    await rig.publish(of(2, "draining"));
    const idle = () => rig.signals.filter(({ kind }) => kind === "endpoint-idle");
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(idle()).toEqual([]);
    finish();
    expect((await reply).text).toBe("ab");
    await rig.waitUntil(() => idle().length > 0, "the idle signal");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(idle()).toHaveLength(1);
    expect(idle()[0]).toMatchObject({ endpoint: "web/0@1" });
  });
});

describe("the gateway's own end", () => {
  it("by SIGTERM: what runs is finished, streams included, and the exit code is 0", async () => {
    let finish = (): void => undefined;
    const web = await up((request, response) => {
      if (request.url !== "/stream") return void response.end("quick");
      response.write("a");
      finish = () => void response.end("b");
    });
    rig = await createRig();
    rig.send(snapshot(1, { pools: [pool("web", [endpoint("web/0@1", web.port)])], routes: [route("all", "web")] }));
    const gateway = rig.start();
    await gateway.ready;
    const stream = send({ port: rig.port("public"), path: "/stream" });
    // A connection on which nothing ever came does not hold the end up.
    const silent = connect(rig.port("public"), "127.0.0.1");
    silent.on("error", () => undefined);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await send({ port: rig.port("public"), agent });
    await rig.waitUntil(() => web.received.length === 2, "both requests");
    gateway.child.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 100));
    // A client with an open connection is served once more and told to close it.
    const last = await send({ port: rig.port("public"), agent });
    expect([last.status, last.headers.connection]).toEqual([200, "close"]);
    finish();
    expect((await stream).text).toBe("ab");
    const finishedAt = performance.now();
    expect(await gateway.exited).toBe(0);
    expect(performance.now() - finishedAt).toBeLessThan(3_000);
    agent.destroy();
  });

  it("by SIGTERM is over at its limit, also with a stream that never ends", async () => {
    const web = await up((_request, response) => void response.write("a"));
    rig = await createRig({ drainMs: 600 });
    rig.send(snapshot(1, { pools: [pool("web", [endpoint("web/0@1", web.port)])], routes: [route("all", "web")] }));
    const gateway = rig.start();
    await gateway.ready;
    const stream = send({ port: rig.port("public") });
    await rig.waitUntil(() => web.received.length === 1, "the request");
    const startedAt = performance.now();
    gateway.child.kill("SIGTERM");
    await expect(stream).rejects.toThrow();
    expect(await gateway.exited).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(2_500);
  });

  it("comes within five seconds when the keeper is gone", async () => {
    const web = await up(() => undefined);
    rig = await createRig();
    rig.send(snapshot(1, { pools: [pool("web", [endpoint("web/0@1", web.port)])], routes: [route("all", "web")] }));
    const gateway = rig.start();
    await gateway.ready;
    const request = open({ port: rig.port("public") });
    request.end();
    await rig.waitUntil(() => web.received.length === 1, "the request");
    const startedAt = performance.now();
    gateway.child.kill("SIGUSR2");
    await gateway.exited;
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it("hands over to a second gateway on the same sockets without a failed request", async () => {
    const web = await up();
    rig = await createRig({ workers: 2 });
    rig.send(snapshot(1, { pools: [pool("web", [endpoint("web/0@1", web.port)])], routes: [route("all", "web")] }));
    let current = rig.start(1);
    await current.ready;
    const running = load(8, async (agent) => (await send({ port: rig.port("public"), agent, body: "x" })).status);
    const fresh = load(4, async () => (await send({ port: rig.port("public"), body: "x" })).status);
    for (let generation = 2; generation <= 4; generation += 1) {
      const next = rig.start(generation);
      await next.ready;
      current.child.kill("SIGTERM");
      expect(await current.exited).toBe(0);
      current = next;
    }
    await Promise.all([running.stop(), fresh.stop()]);
    expect(running.answered() + fresh.answered()).toBeGreaterThan(500);
    expect([...running.failures, ...fresh.failures]).toEqual([]);
  });

  it("by kill −9 refuses nobody: connections wait in the held socket for the next gateway", async () => {
    const web = await up();
    rig = await createRig();
    await rig.writeSnapshotFile(
      snapshot(1, { pools: [pool("web", [endpoint("web/0@1", web.port)])], routes: [route("all", "web")] }),
    );
    await rig.start().ready;
    const running = load(8, async () => (await send({ port: rig.port("public"), body: "x" })).status);
    for (let kill = 0; kill < 3; kill += 1) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      process.kill(rig.pid, "SIGKILL");
      await rig.start(kill + 2).ready;
    }
    const before = running.answered();
    await rig.waitUntil(() => running.answered() > before + 50, "answers after the last kill");
    await running.stop();
    const refused = running.failures.filter((failure) => failure.includes("ECONNREFUSED"));
    expect(refused).toEqual([]);
    // Only requests in flight at a kill may be lost: at most one per client and kill.
    expect(running.failures.length).toBeLessThanOrEqual(8 * 3);
  });
});
