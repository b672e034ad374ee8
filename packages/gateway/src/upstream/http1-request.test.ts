// What a request looks like on the wire, and which requests are not sent at all.
import { Readable } from "node:stream";
import { systemClock } from "@flyball/core";
import { afterEach, describe, expect, it, vi } from "vitest";
import { createHttp1Upstream } from "./http1-upstream.ts";
import { answerAlways, startRawServer, type Answer, type RawServer } from "./testdata/raw-server.ts";
import { record } from "./testdata/recorded-call.ts";
import type { Upstream } from "./upstream.ts";

vi.setConfig({ testTimeout: 20_000 });

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
let upstream: Upstream;
let server: RawServer;

async function serve(answer: Answer, onConnection?: Parameters<typeof startRawServer>[1]): Promise<void> {
  server = await startRawServer(answer, onConnection);
  upstream = createHttp1Upstream({
    origin: server.origin,
    connectMs: 1_000,
    clock: systemClock,
    onOpenConnections: () => undefined,
  });
}
afterEach(async () => {
  upstream.close();
  await server.close();
});

describe("a request", () => {
  it("without a body is one head, and its connection serves the next one", async () => {
    await serve(answerAlways(OK));
    const first = await record(upstream, { path: "/a?b", headers: ["Host", "x:1", "X-A", "\xe9 b"] }).done;
    expect(first.events).toEqual(["sent", "head", "data", "end"]);
    expect([first.head, first.body.toString()]).toEqual([
      expect.objectContaining({ status: 200, statusText: "OK", headers: ["content-length", "2"] }),
      "ok",
    ]);
    for (let count = 0; count < 50; count += 1) await record(upstream).done;
    expect(server.sockets).toHaveLength(1);
    expect(server.received[0]).toMatch(
      /^GET \/a\?b HTTP\/1\.1\r\nHost: x:1\r\nX-A: \xe9 b\r\nconnection: keep-alive\r\n\r\n/,
    );
  });

  it("and its small body leave in one segment", async () => {
    const reads: number[] = [];
    await serve((socket, text) => {
      reads.push(text.length);
      if (text.endsWith("body")) socket.write(OK);
    });
    await record(upstream, { method: "POST", body: Buffer.from("body") }).done;
    expect(reads).toHaveLength(1);
    expect(server.received[0]).toContain("content-length: 4\r\n\r\nbody");
  });

  it.each([1, 16 * 1024, 16 * 1024 + 1, 3_000_000])("has its body of %i bytes whole", async (length) => {
    const body = Buffer.alloc(length, "abcdefghij");
    await serve(answerAlways(OK));
    await record(upstream, { method: "POST", body }).done;
    expect(server.received[0]?.endsWith(`\r\n\r\n${body.toString()}`)).toBe(true);
  });

  it("with an empty body says so where a server waits for one", async () => {
    await serve(answerAlways(OK));
    for (const method of ["POST", "PUT", "PATCH"]) await record(upstream, { method }).done;
    await record(upstream, { method: "DELETE", body: Buffer.alloc(0) }).done;
    expect(server.received[0]?.match(/content-length: 0/g)).toHaveLength(3);
  });

  it("streams a body by its length or in chunks, and keeps the connection", async () => {
    await serve((socket, text) => {
      if (text.endsWith("hello") || text.endsWith("0\r\n\r\n")) socket.write(OK);
    });
    const body = (): Readable => Readable.from([Buffer.from("he"), Buffer.from("llo")]);
    await record(upstream, { method: "PUT", headers: ["host", "x", "Content-Length", "5"], body: body() }).done;
    await record(upstream, { method: "PUT", body: body() }).done;
    expect(server.sockets).toHaveLength(1);
    expect(server.received[0]).toContain("content-length: 5\r\n\r\nhello");
    expect(server.received[0]).toContain("transfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n");
  });

  it.each([
    ["too long", ["123", "456"], "FB_UPSTREAM_BODY_LENGTH"],
    ["too short", ["123"], "FB_UPSTREAM_BODY_LENGTH"],
  ])("whose streamed body is %s is broken off, and nothing beyond its length is sent", async (_name, pieces, code) => {
    await serve(() => undefined);
    const body = Readable.from(pieces.map((piece) => Buffer.from(piece)));
    const { failure } = await record(upstream, { method: "PUT", headers: ["host", "x", "content-length", "5"], body })
      .done;
    expect(failure).toMatchObject({ code, wasSent: true });
    await expect.poll(() => server.open).toBe(0);
    expect(server.received[0]?.split("\r\n\r\n")[1]).toBe("123");
  });

  it("whose streamed body breaks off is broken off", async () => {
    await serve(() => undefined);
    const body = new Readable({ read: () => undefined });
    body.push("begin");
    const call = record(upstream, { method: "PUT", body });
    await call.on("sent");
    body.destroy(new Error("the client left"));
    expect((await call.done).failure).toMatchObject({ code: "FB_UPSTREAM_BODY_LOST", wasSent: true });
    await expect.poll(() => server.open).toBe(0);
  });

  it("streams a long body through full sockets to its end", async () => {
    let length = 0;
    await serve((socket, text) => {
      length = text.length;
      if (text.endsWith("\r\n0\r\n\r\n")) socket.write(OK);
    });
    const pieces = Array.from({ length: 60 }, () => Buffer.alloc(256 * 1024, "z"));
    const call = await record(upstream, { method: "PUT", body: Readable.from(pieces) }).done;
    expect(call.body.toString()).toBe("ok");
    expect(length).toBeGreaterThan(60 * 256 * 1024);
  });

  it("holds a streamed body back while the upstream does not read", async () => {
    await serve(
      () => undefined,
      (socket) => void socket.pause(),
    );
    let given = 0;
    const piece = Buffer.alloc(64 * 1024);
    const body = new Readable({ read: () => void ((given += piece.length), body.push(piece)) });
    const call = record(upstream, { method: "PUT", body });
    await call.on("sent");
    let before = -1;
    await expect.poll(() => before === (before = given), { interval: 100 }).toBe(true);
    expect(given).toBeLessThan(16 * 1024 * 1024);
    call.call.cancel();
    expect(body.destroyed).toBe(true);
  });

  it.each([
    ["a line break in a value", { headers: ["host", "x", "a", "b\r\nc: d"] }],
    ["a lone line feed in a value", { headers: ["host", "x", "a", "b\nc"] }],
    ["a zero byte in a value", { headers: ["host", "x", "a", "\0"] }],
    ["a value outside latin1", { headers: ["host", "x", "a", "\u{4f60}"] }],
    ["a line break in a name", { headers: ["host", "x", "a\r\n", "b"] }],
    ["an empty name", { headers: ["host", "x", "", "b"] }],
    ["a space in a name", { headers: ["host", "x", "a b", "c"] }],
    ["no host", { headers: [] }],
    ["two hosts", { headers: ["host", "x", "Host", "y"] }],
    ["a transfer-encoding", { headers: ["host", "x", "Transfer-Encoding", "chunked"] }],
    ["a connection header", { headers: ["host", "x", "Connection", "close"] }],
    ["an expect header", { headers: ["host", "x", "expect", "100-continue"] }],
    ["two lengths", { headers: ["host", "x", "content-length", "0", "content-length", "0"] }],
    ["a length that is none", { headers: ["host", "x", "content-length", "1e1"] }],
    ["another length than its body", { headers: ["host", "x", "content-length", "5"], body: Buffer.from("four") }],
    ["a space in its path", { path: "/a b" }],
    ["a line break in its path", { path: "/a\r\nx" }],
    ["a path without a slash", { path: "a" }],
    ["a bad method", { method: "GE T" }],
    ["the method CONNECT", { method: "CONNECT" }],
  ])("with %s is not sent, and said to be the request's fault", async (_name, request) => {
    await serve(answerAlways(OK));
    const call = record(upstream, request);
    expect(call.events).toEqual([]);
    const { failure } = await call.done;
    expect(failure).toMatchObject({ code: "FB_UPSTREAM_UNSENDABLE", wasSent: false, isUnsendable: true });
    expect(server.sockets).toHaveLength(0);
  });
});
