// Time limits of a listener, shortened. The listener runs in this process on a socket that the test bound.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "@flyball/core";
import { createLogger } from "@flyball/telemetry";
import { bindListener, type TestListener } from "../testdata/bind-listener.ts";
import { raw } from "../testdata/test-client.ts";
import { listenOn, type HttpListener, type ListenerHandler } from "./http-listener.ts";
import type { ListenerLimits } from "./listener-limits.ts";
import { END_HEADERS, END_STREAM, FRAME, openRaw } from "./testdata/raw-http2.ts";
import { createCertificateFolder, hasOpenssl } from "./testdata/make-certificate.ts";

let bound: TestListener;
let listener: HttpListener;
/** Connections of the listener of this test. */
let connections = { open: 0 };

afterEach(() => {
  listener.stopAccepting();
  listener.closeAll();
});

async function listen(limits: Partial<ListenerLimits>, onRequest: ListenerHandler["onRequest"]): Promise<void> {
  bound = bindListener();
  const counted = { open: 0 };
  connections = counted;
  const logger = createLogger({ clock: systemClock, level: "error", write: () => undefined });
  const handler: ListenerHandler = {
    onRequest,
    onUpgrade: (_request, socket) => void socket.destroy(),
    onConnections: (change) => void (counted.open += change),
    onMalformed: () => undefined,
  };
  listener = await listenOn(bound.fd, handler, { clock: systemClock, logger, limits: { checkEveryMs: 20, ...limits } });
}

const answer: ListenerHandler["onRequest"] = (request, response) => void response.end(`hello ${request.url}`);

function dial(): Socket {
  const socket = connect(bound.port, "127.0.0.1");
  socket.on("error", () => undefined);
  return socket;
}

describe("late headers", () => {
  it("closes a connection that says nothing without a word, and answers 408 to a request that never ends", async () => {
    await listen({ headersMs: 100 }, answer);
    await listener.secure(undefined);
    expect(await raw(bound.port, "")).toBe("");
    expect(await raw(bound.port, "GET / HTTP/1.1\r\nHost: x\r\n")).toMatch(
      /^HTTP\/1\.1 408 [^]*did not arrive in time/,
    );
  });

  it("counts for the second request of a connection too", async () => {
    await listen({ headersMs: 100 }, answer);
    await listener.secure(undefined);
    const text = await raw(bound.port, "GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost");
    expect(text).toMatch(/hello \/1HTTP\/1\.1 408/);
  });
});

it("drops a client that takes nothing of its answer, and not one that is slow", { retry: 2 }, async () => {
  const piece = Buffer.alloc(32 * 1024 * 1024);
  await listen({ readerStallMs: 1_200 }, (_request, response) => void response.end(piece));
  await listener.secure(undefined);
  const [still, slow] = [dial(), dial()];
  still.pause();
  let received = 0;
  slow.on("data", (chunk) => {
    received += chunk.length;
    slow.pause();
    setTimeout(() => slow.resume(), 4);
  });
  const dropped = new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      if (connections.open > 0) return;
      clearInterval(timer);
      resolve();
    }, 10);
  });
  for (const socket of [still, slow]) socket.write("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  await once(slow, "close");
  expect(received).toBeGreaterThan(piece.length);
  await dropped;
  still.destroy();
});

it("closes every connection until it is told what to speak", async () => {
  await listen({}, answer);
  expect(await raw(bound.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n").catch(() => "")).toBe("");
});

describe.skipIf(!hasOpenssl())("TLS that comes and goes", () => {
  const request = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
  const secureText = async (): Promise<string> => {
    const socket = connectTls({ port: bound.port, host: "127.0.0.1", rejectUnauthorized: false });
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (chunk) => {
      text += chunk.toString();
      socket.destroy();
    });
    socket.write(request);
    await new Promise<void>((resolve) => void socket.once("close", () => resolve()));
    return text;
  };

  it("turns an open listener over to TLS and back; idle connections of the old kind end", async () => {
    const folder = createCertificateFolder();
    await listen({}, answer);
    await listener.secure(undefined);
    const plain = dial();
    plain.write(request);
    await once(plain, "data");
    const gone = once(plain, "close");
    expect(await listener.secure(folder.make("a"))).toBeUndefined();
    await gone;
    expect(await secureText()).toContain("hello /a");
    expect(await raw(bound.port, request).catch(() => "")).not.toContain("hello");
    await listener.secure(undefined);
    expect(await raw(bound.port, request, (text) => text.includes("hello"))).toContain("hello /a");
    folder.dispose();
  });

  it("speaks nothing, and nothing in plain, while there is no certificate that works, and says why", async () => {
    const folder = createCertificateFolder();
    await listen({}, answer);
    const absent = { certificateFile: `${folder.path}/none.pem`, keyFile: `${folder.path}/none.key` };
    expect(await listener.secure(absent)).toMatch(/^no TLS: .*ENOENT/);
    expect(await raw(bound.port, request).catch(() => "")).toBe("");
    folder.make("late", "none");
    for (let text = ""; !text.includes("hello");) text = await secureText();
    expect(await listener.secure(absent)).toBeUndefined();
    folder.dispose();
  });

  it("resets a stream of HTTP/2 whose client takes nothing, and not its connection", async () => {
    const folder = createCertificateFolder();
    await listen({ readerStallMs: 200 }, (_request, response) => void response.end(Buffer.alloc(1024 * 1024)));
    await listener.secure(folder.make("a"));
    const client = await openRaw(bound.port);
    const reset = new Promise<void>((resolve) => {
      client.socket.on("data", () => client.frames.some(({ type }) => type === FRAME.reset) && resolve());
    });
    client.request(1, END_HEADERS | END_STREAM);
    await reset;
    const ends = client.frames.filter(({ type, flags }) => type === FRAME.data && (flags & END_STREAM) !== 0);
    expect([ends, client.socket.destroyed]).toEqual([[], false]);
    client.socket.destroy();
    folder.dispose();
  });

  it("closes a handshake that is not done in time", async () => {
    const folder = createCertificateFolder();
    await listen({ handshakeMs: 100 }, answer);
    await listener.secure(folder.make("a"));
    const socket = dial();
    socket.write(Buffer.from([0x16, 0x03, 0x01]));
    await once(socket.resume(), "close");
    folder.dispose();
  });
});
