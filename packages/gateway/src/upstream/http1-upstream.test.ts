// The client on real sockets: what goes over the wire, how connections live, and what each fault is said to be.
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { systemClock } from "@flyball/core";
import { createFakeClock, createFakeUpstream } from "@flyball/fakes";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createTurnBatch } from "../stream/turn-batch.ts";
import { createHttp1Upstream, IDLE_MS, type Http1UpstreamOptions } from "./http1-upstream.ts";
import { MAX_CONNECTIONS } from "./max-connections.ts";
import { answerAlways, startRawServer, type Answer, type RawServer } from "./testdata/raw-server.ts";
import { record } from "./testdata/recorded-call.ts";
import type { Upstream } from "./upstream.ts";

vi.setConfig({ testTimeout: 20_000 });

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
let upstream: Upstream;
let server: RawServer;
/** Of the client that was made last. */
let connections = { open: 0 };

function client(options: Partial<Http1UpstreamOptions> & { origin: string }): Upstream {
  const own = { open: 0 };
  connections = own;
  upstream = createHttp1Upstream({
    connectMs: 1_000,
    clock: systemClock,
    onOpenConnections: (change) => void (own.open += change),
    batch: createTurnBatch(),
    ...options,
  });
  return upstream;
}
async function serve(answer: Answer, options: Partial<Http1UpstreamOptions> = {}): Promise<Upstream> {
  server = await startRawServer(answer);
  return client({ origin: server.origin, ...options });
}
beforeEach(() => {
  upstream = { send: () => expect.unreachable(), close: () => undefined };
});
afterEach(async () => {
  upstream.close();
  await server?.close();
});

describe("a response", () => {
  it("comes from a name with several addresses too", async () => {
    await serve(answerAlways(OK));
    client({ origin: `http://localhost:${server.port}` });
    for (let count = 0; count < 3; count += 1) expect((await record(upstream).done).body.toString()).toBe("ok");
    expect(server.sockets).toHaveLength(1);
  });

  it("of every form comes whole, on one connection as long as it may", async () => {
    const forms = [
      ["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", "GET", "ok"],
      ["HTTP/1.1 204 No\r\n\r\n", "GET", ""],
      ["HTTP/1.1 304 No\r\ncontent-length: 7\r\n\r\n", "GET", ""],
      ["HTTP/1.1 200 OK\r\ncontent-length: 7\r\n\r\n", "HEAD", ""],
      [
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: a\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
        "GET",
        "",
      ],
    ] as const;
    let next = "";
    await serve((socket) => void socket.write(next));
    for (const [bytes, method, body] of forms) {
      next = bytes;
      const call = await record(upstream, { method }).done;
      expect([call.failure, call.body.toString()]).toEqual([undefined, body]);
      expect(call.information.map(({ status }) => status)).toEqual(bytes.includes("103") ? [103] : []);
    }
    expect(server.sockets).toHaveLength(1);
  });

  it.each([
    ["says close", "HTTP/1.1 200 OK\r\nConnection: close\r\ncontent-length: 2\r\n\r\nok", false],
    ["is HTTP/1.0", "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", false],
    ["ends with the connection", "HTTP/1.1 200 OK\r\n\r\nok", true],
    ["has bytes behind it", `${OK}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`, false],
    [
      "announces an idle time of a second",
      `HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1\r\ncontent-length: 2\r\n\r\nok`,
      false,
    ],
  ])("that %s costs its connection and nobody else's answer", async (_name, bytes, ends) => {
    await serve((socket) => (ends ? socket.end(bytes) : socket.write(bytes)));
    for (let count = 0; count < 3; count += 1) {
      const call = await record(upstream).done;
      expect([call.failure, call.body.toString()]).toEqual([undefined, "ok"]);
    }
    expect(server.sockets).toHaveLength(3);
    await expect.poll(() => [server.open, connections.open]).toEqual([0, 0]);
  });

  it("that comes before the request's body was sent ends the body, and its connection", async () => {
    await serve((socket) => void socket.write("HTTP/1.1 413 No\r\ncontent-length: 2\r\n\r\nno"));
    const body = new Readable({ read: () => undefined });
    body.push("begin");
    const call = await record(upstream, { method: "PUT", body }).done;
    expect([call.head?.status, call.body.toString(), body.destroyed]).toEqual([413, "no", true]);
    await expect.poll(() => server.open).toBe(0);
  });

  it("says before its end that the body was taken, and not where the system may still write from it", async () => {
    const pieces = Array.from({ length: 400 }, () => Buffer.alloc(64 * 1024, "x"));
    for (const [isRead, body, taken] of [
      [true, pieces.slice(0, 3), ["taken", "end"]],
      // More than the buffers between the two hold.
      [false, pieces, ["end"]],
    ] as const) {
      await serve((socket, text) => {
        if (!isRead) socket.pause();
        const isWhole = text.length > body.reduce((sum, piece) => sum + piece.length, 0);
        if (isWhole || !isRead) socket.write(OK);
      });
      const told: string[] = [];
      const note = { onBodyTaken: () => void told.push("taken"), onEnd: () => void told.push("end") };
      const call = await record(upstream, { method: "POST", body }, note).done;
      expect([call.head?.status, told]).toEqual([200, taken]);
      upstream.close();
      await server.close();
    }
  });

  it("is read no further while it is paused, and whole after that", async () => {
    const total = 64 * 1024 * 1024;
    let written = 0;
    await serve((socket) => {
      const piece = Buffer.alloc(64 * 1024);
      const fill = (): void => {
        while (written < total) {
          written += piece.length;
          if (!socket.write(piece)) return void socket.once("drain", fill);
        }
      };
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`);
      fill();
    });
    let seen = 0;
    const call = record(
      upstream,
      {},
      { onHead: () => call.call.pause(), onData: (chunk) => void (seen += chunk.length) },
    );
    await call.on("head");
    let before = -1;
    await expect.poll(() => before === (before = written), { interval: 100 }).toBe(true);
    expect(seen).toBeLessThanOrEqual(64 * 1024);
    expect(written).toBeLessThan(total / 2);
    call.call.resume();
    await call.done;
    expect(seen).toBe(total);
  });

  it("that was paused at its end leaves a connection that reads", async () => {
    await serve(answerAlways(OK));
    const call = record(upstream, {}, { onHead: () => call.call.pause() });
    await call.done;
    expect((await record(upstream).done).body.toString()).toBe("ok");
    expect(server.sockets).toHaveLength(1);
  });

  it("gives pieces that stay what they were, though reads share one buffer", async () => {
    let turn = 0;
    await serve(
      (socket) => void socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n${String((turn += 1)).repeat(4)}`),
    );
    const kept: Buffer[] = [];
    for (let count = 0; count < 5; count += 1)
      await record(upstream, {}, { onData: (chunk) => void kept.push(chunk) }).done;
    expect(kept.map(String)).toEqual(["1111", "2222", "3333", "4444", "5555"]);
  });
});

describe("a fault", () => {
  it("of a refused connection is one where nothing was sent", async () => {
    const closed = createServer().listen(0, "127.0.0.1");
    await once(closed, "listening");
    const { port } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    client({ origin: `http://127.0.0.1:${port}` });
    const call = record(upstream);
    expect(call.events).toEqual([]);
    expect((await call.done).failure).toMatchObject({ code: "ECONNREFUSED", wasSent: false, isUnsendable: false });
    expect(connections.open).toBe(0);
  });

  it("of a connection that is not answered comes at its limit", async () => {
    const clock = createFakeClock();
    // 192.0.2.0/24 is for documentation: nothing answers there.
    client({ origin: "http://192.0.2.1:9", clock, connectMs: 250 });
    const call = record(upstream);
    await clock.advance(249);
    expect(call.failure?.code ?? "none").not.toBe("ETIMEDOUT");
    await clock.advance(1);
    expect((await call.done).failure?.wasSent).toBe(false);
    expect(clock.pendingTimers()).toBe(0);
  });

  it("is none of a connection that stood in time, though the process was away past its limit", async () => {
    await serve(answerAlways(OK), { connectMs: 30 });
    const call = record(upstream);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 150);
    expect((await call.done).body.toString()).toBe("ok");
  });

  it.each([
    ["reset before the head", "", "reset", /^ECONNRESET$/],
    ["closed before the head", "", "end", /^FB_UPSTREAM_CLOSED$/],
    ["reset in the head", "HTTP/1.1 200", "reset", /^ECONNRESET$/],
    ["closed in the head", "HTTP/1.1 200", "end", /^FB_UPSTREAM_CLOSED$/],
    ["reset in the body", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbe", "reset", /^ECONNRESET$/],
    ["closed in the body", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbe", "end", /^FB_UPSTREAM_CLOSED$/],
    [
      "closed in a chunk",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nbe",
      "end",
      /^FB_UPSTREAM_CLOSED$/,
    ],
    [
      "closed between chunks",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nbe\r\n",
      "end",
      /^FB_UPSTREAM_CLOSED$/,
    ],
    ["malformed", "HTTP/1.1 200 OK\r\na b\r\n\r\n", "stay", /^FB_UPSTREAM_HEADER$/],
    [
      "malformed in a chunk",
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nbeX",
      "stay",
      /^FB_UPSTREAM_CHUNK$/,
    ],
  ])("of a response that is %s is one failure after what came", async (_name, bytes, how, code) => {
    await serve((socket) => {
      socket.write(bytes, () => {
        if (how === "end") socket.end();
        else if (how === "reset") setTimeout(() => socket.resetAndDestroy(), 30);
      });
    });
    const call = await record(upstream, { method: "POST", body: Buffer.from("x") }).done;
    expect(call.failure?.code).toMatch(code);
    expect(call.failure?.wasSent).toBe(true);
    expect(call.events.filter((event) => event === "failure" || event === "end")).toEqual(["failure"]);
    expect(call.body.toString()).toBe(bytes.includes("be") ? "be" : "");
    await expect.poll(() => connections.open).toBe(0);
  });

  it("of many connections at once is none: each request has its own, and beyond the bound nothing was sent", async () => {
    const held: (() => void)[] = [];
    await serve((socket, text) => {
      if (text.endsWith("\r\n\r\n")) held.push(() => socket.write(OK));
    });
    const calls = Array.from({ length: MAX_CONNECTIONS }, () => record(upstream));
    expect((await record(upstream).done).failure).toMatchObject({ code: "FB_UPSTREAM_FULL", wasSent: false });
    await expect.poll(() => held.length).toBe(MAX_CONNECTIONS);
    for (const answer of held) answer();
    const all = await Promise.all(calls.map(({ done }) => done));
    expect(all.every(({ body }) => body.toString() === "ok")).toBe(true);
    expect(connections.open).toBe(MAX_CONNECTIONS);
  });
});

describe("an idle connection", () => {
  it("is used last in, first out, so that surplus ones fall idle", async () => {
    await serve(answerAlways(OK));
    await Promise.all([record(upstream).done, record(upstream).done, record(upstream).done]);
    expect(server.sockets).toHaveLength(3);
    const before = server.received.map(({ length }) => length);
    for (let count = 0; count < 5; count += 1) await record(upstream).done;
    expect(server.received.filter(({ length }, index) => length !== before[index])).toHaveLength(1);
  });

  it.each([
    [IDLE_MS, OK],
    [2_000, OK.replace("\r\n\r\n", "\r\nKeep-Alive: timeout=3, max=100\r\n\r\n")],
    [IDLE_MS, OK.replace("\r\n\r\n", "\r\nKeep-Alive: timeout=60\r\n\r\n")],
  ])("is closed after %i ms", async (idleMs, bytes) => {
    const clock = createFakeClock();
    await serve(answerAlways(bytes), { clock });
    await record(upstream).done;
    expect(clock.pendingTimers()).toBe(1);
    await clock.advance(idleMs / 2);
    await record(upstream).done;
    await clock.advance(idleMs - 1);
    expect(server.open).toBe(1);
    await clock.advance(1);
    await expect.poll(() => server.open).toBe(0);
    expect([server.sockets.length, clock.pendingTimers()]).toEqual([1, 0]);
  });

  it("is closed by an end or by bytes that nobody asked for, and the next request has another", async () => {
    await serve(answerAlways(OK));
    await record(upstream).done;
    server.sockets[0]?.end();
    await expect.poll(() => connections.open).toBe(0);
    await record(upstream).done;
    server.sockets[1]?.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil");
    await expect.poll(() => connections.open).toBe(0);
    expect((await record(upstream).done).body.toString()).toBe("ok");
    expect(server.sockets).toHaveLength(3);
  });

  it("that the server closed while the request was on its way loses it, and says that it may have been sent", async () => {
    let requests = 0;
    await serve((socket) => ((requests += 1) === 1 ? socket.write(OK) : socket.end()));
    await record(upstream).done;
    expect((await record(upstream).done).failure).toMatchObject({ code: "FB_UPSTREAM_CLOSED", wasSent: true });
  });

  it("that is dead before a byte has left is replaced without a word", async () => {
    await serve(answerAlways(OK));
    await record(upstream).done;
    server.sockets[0]?.resetAndDestroy();
    const call = await record(upstream, { method: "POST", body: Buffer.from("once") }).done;
    expect([call.failure, call.events, call.body.toString()]).toEqual([
      undefined,
      ["sent", "head", "data", "end"],
      "ok",
    ]);
    expect(server.received.filter((text) => text.includes("once"))).toHaveLength(1);
  });

  it.each<[string, (server: RawServer) => void]>([
    ["is ended", (raw) => raw.sockets[0]?.end()],
    ["is reset", (raw) => raw.sockets[0]?.resetAndDestroy()],
    ["brings an answer to what was not asked yet", (raw) => raw.sockets[0]?.write(OK.replace("ok", "no"))],
  ])("that %s before the request left at the end of the turn is replaced without a word", async (_what, disturb) => {
    const ends: (() => void)[] = [];
    await serve(answerAlways(OK), { batch: createTurnBatch((run) => ends.push(run)) });
    await record(upstream).done;
    const call = record(upstream, { method: "POST", body: Buffer.from("once") });
    expect(call.events).toEqual([]);
    disturb(server);
    await expect.poll(() => server.sockets.length).toBe(2);
    for (const end of ends) end();
    expect((await call.done).body.toString()).toBe("ok");
    expect(call.events).toEqual(["sent", "head", "data", "end"]);
    expect(server.received.map((text) => text.split("once").length - 1)).toEqual([0, 1]);
  });

  it("sends nothing of a request that is cancelled before the turn's end", async () => {
    const ends: (() => void)[] = [];
    await serve(answerAlways(OK), { batch: createTurnBatch((run) => ends.push(run)) });
    await record(upstream).done;
    const call = record(upstream, { path: "/never" });
    call.call.cancel();
    for (const end of ends) end();
    await record(upstream, { path: "/next" }).done;
    expect(server.received.join("")).not.toContain("/never");
    expect(call.events).toEqual([]);
  });

  it("goes with close, a busy one after its request", async () => {
    let answer: (() => void) | undefined;
    await serve((socket, text) => {
      if (text.includes("/slow")) answer = () => socket.write(OK);
      else socket.write(OK);
    });
    const [, slow] = [await record(upstream).done, record(upstream, { path: "/slow" })];
    await record(upstream).done;
    await expect.poll(() => answer).toBeDefined();
    upstream.close();
    upstream.close();
    await expect.poll(() => connections.open).toBe(1);
    answer?.();
    expect((await slow.done).body.toString()).toBe("ok");
    await expect.poll(() => connections.open).toBe(0);
  });
});

describe("cancel", () => {
  it("ends a connection attempt at once", async () => {
    client({ origin: "http://192.0.2.1:9" });
    const call = record(upstream);
    call.call.cancel();
    call.call.cancel();
    await new Promise((resolve) => setImmediate(resolve));
    expect(call.events).toEqual([]);
  });

  it("as soon as it is sent, in its head, and in its body closes the connection and calls nothing back", async () => {
    const parts = ["", "HTTP/1.1 200", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nbegin"];
    for (const part of parts) {
      const local = await startRawServer((socket) => void socket.write(part));
      client({ origin: local.origin });
      const call = record(upstream);
      await expect.poll(() => local.received[0]).toContain("GET");
      if (part.includes("begin")) await call.on("data");
      const seen = [...call.events];
      call.call.cancel();
      await expect.poll(() => [local.open, connections.open]).toEqual([0, 0]);
      expect(call.events).toEqual(seen);
      await local.close();
    }
  });

  it("from inside any callback ends what was read already", async () => {
    await serve(
      (socket) =>
        void socket.write(
          "HTTP/1.1 103 H\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n",
        ),
    );
    for (const event of ["onSent", "onInformation", "onHead", "onData"] as const) {
      const other = record(upstream);
      const cancelled = record(upstream, {}, { [event]: () => cancelled.call.cancel() });
      await other.done;
      await expect.poll(() => connections.open).toBe(1);
      const last = { onSent: "sent", onInformation: "information", onHead: "head", onData: "data" }[event];
      expect(cancelled.events.at(-1)).toBe(last);
    }
  });
});

describe("a switch of protocols", () => {
  const SWITCH = "HTTP/1.1 101 Switching Protocols\r\nupgrade: echo\r\n\r\nfirst";
  it("hands the socket over with the bytes behind the head, and its end is counted", async () => {
    await serve((socket, text) => {
      if (text.endsWith("\r\n\r\n")) socket.write(SWITCH);
      else socket.write(text.slice(-2));
    });
    const { socket, head, events } = await record(upstream, { upgrade: "echo" }).done;
    expect([head?.status, events]).toEqual([101, ["sent", "upgraded"]]);
    expect(server.received[0]).toContain("connection: upgrade\r\nupgrade: echo\r\n");
    let text = "";
    socket?.on("data", (bytes: Buffer) => (text += bytes.toString()));
    socket?.resume();
    await expect.poll(() => text).toBe("first");
    socket?.write("hi");
    await expect.poll(() => text).toBe("firsthi");
    upstream.close();
    expect(connections.open).toBe(1);
    socket?.destroy();
    await expect.poll(() => connections.open).toBe(0);
  });

  it("that is refused is a response like another", async () => {
    await serve(answerAlways("HTTP/1.1 401 No\r\ncontent-length: 2\r\n\r\nno"));
    const call = await record(upstream, { upgrade: "echo" }).done;
    expect([call.head?.status, call.body.toString(), call.failure]).toEqual([401, "no", undefined]);
    expect((await record(upstream).done).body.toString()).toBe("no");
    expect(server.sockets).toHaveLength(1);
  });
});

it("leaves no listener and no timer behind, and sends thousands of requests on few connections", async () => {
  await using fake = await createFakeUpstream();
  client({ origin: fake.url });
  let left = 2_000;
  const loop = async (): Promise<void> => {
    while ((left -= 1) >= 0) {
      const call = await record(upstream, { method: "POST", body: Buffer.from("{}") }).done;
      expect(call.body.toString()).toBe('{"ok":true}');
    }
  };
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on("warning", onWarning);
  const timers = process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  await Promise.all(Array.from({ length: 8 }, loop));
  expect(fake.counts).toMatchObject({ completed: 2_000, connections: 8 });
  expect(process.getActiveResourcesInfo().filter((name) => name === "Timeout").length).toBeLessThanOrEqual(timers + 1);
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});

it("survives a peer that is killed in every phase, with exactly one end for each request", async () => {
  await using fake = await createFakeUpstream({ behaviour: { body: "x".repeat(5_000) } });
  client({ origin: fake.url });
  const faults = [{ kind: "reset" }, { kind: "cut", afterBytes: 100 }, undefined] as const;
  const calls = Array.from({ length: 90 }, (_, index) => {
    fake.setNext({ fault: faults[index % 3] });
    return record(upstream);
  });
  const all = await Promise.all(calls.map(({ done }) => done));
  for (const { events } of all)
    expect(events.filter((event) => event === "end" || event === "failure")).toHaveLength(1);
  expect(all.filter(({ failure }) => failure === undefined)).toHaveLength(30);
});
