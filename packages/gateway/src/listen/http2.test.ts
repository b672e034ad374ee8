// HTTP/2 and HTTP/1.1 on a TLS listener of a real gateway process.
import { once } from "node:events";
import { copyFileSync } from "node:fs";
import { constants, type ClientHttp2Session } from "node:http2";
import { request as httpsRequest, type RequestOptions } from "node:https";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createRig, type GatewayProcess, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, route, snapshot } from "../testdata/snapshots.ts";
import { ECHO, startUpstream, type TestUpstream } from "../testdata/test-upstream.ts";
import { openSession, readStream, request } from "./testdata/http2-client.ts";
import { END_HEADERS, END_STREAM, FRAME, openRaw, type Frame, type RawHttp2 } from "./testdata/raw-http2.ts";
import { createCertificateFolder, hasOpenssl } from "./testdata/make-certificate.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const CORS = { origins: ["https://app.example"], headers: ["x-team"], allowsCredentials: false, maxAgeSeconds: 60 };

/** A header that is not indexed, as HPACK writes it (RFC 7541 §6.2.2). */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}

describe.skipIf(!hasOpenssl())("a listener with TLS", () => {
  const folder = createCertificateFolder();
  let rig: Rig;
  let web: TestUpstream;
  let gateway: GatewayProcess;
  let session: ClientHttp2Session;

  beforeAll(async () => {
    web = await startUpstream();
    rig = await createRig({ secrets: { "@keys": "secret" } });
    rig.send(
      snapshot(1, {
        listeners: [
          { id: "public", kind: "public", host: "127.0.0.1", port: 0, tls: folder.make("first"), cors: CORS },
        ],
        pools: [pool("web", [endpoint("web/0@1", web.port)])],
        routes: [
          route("all", "web"),
          route("models", "", {
            match: { pathPrefix: "/v1" },
            destination: { kind: "models", models: ["chat"], requiresKey: true },
          }),
        ],
        models: [model("chat", ["web"])],
        keys: [key("fb-key", "secret", ["chat"])],
      }),
    );
    gateway = rig.start();
    await gateway.ready;
  });
  afterAll(async () => {
    await rig.dispose();
    await web.kill();
    folder.dispose();
  });
  beforeEach(async () => {
    web.answer = ECHO;
    web.received.length = 0;
    session = await openSession(rig.port("public"));
  });
  afterEach(() => session.destroy());

  const https = (more: RequestOptions = {}) => {
    const made = httpsRequest({
      host: "127.0.0.1",
      port: rig.port("public"),
      rejectUnauthorized: false,
      agent: false,
      ...more,
    });
    made.on("error", () => undefined);
    return made;
  };

  it("passes a request on without pseudo headers, with the authority as host and the scheme told", async () => {
    const reply = await request(session, { ":path": "/a?b", cookie: ["a=1", "b=2"], "x-kept": "yes" });
    expect([reply.status, reply.rstCode]).toEqual([200, 0]);
    expect(reply.headers["x-request-id"]).toMatch(/^req_/);
    const [seen] = web.received;
    expect(seen?.url).toBe("/a?b");
    expect(seen?.headers).toMatchObject({
      host: `localhost:${rig.port("public")}`,
      cookie: "a=1; b=2",
      "x-kept": "yes",
      "x-forwarded-proto": "https",
    });
    expect(seen?.rawHeaders.filter((name) => name.startsWith(":"))).toEqual([]);
    expect(seen?.rawHeaders.filter((name) => name.toLowerCase() === "host")).toHaveLength(1);
    expect(seen?.headers["transfer-encoding"]).toBeUndefined();
  });

  it("passes a body up with and without a length, and one that comes in pieces", async () => {
    const whole = await request(session, { ":path": "/", ":method": "POST", "content-length": "5" }, "hello");
    const open = await request(session, { ":path": "/", ":method": "POST" }, "x".repeat(700_000));
    const stream = session.request({ ":path": "/", ":method": "POST" });
    const reply = readStream(stream);
    stream.write("one");
    await rig.waitUntil(() => web.received[2]?.body.length === 3, "the first piece");
    stream.end("two");
    const lengths = [whole, open, await reply].map(({ text }) => JSON.parse(text).length);
    expect(lengths).toEqual([5, 700_000, 6]);
  });

  it("answers without headers of a connection, keeps two cookies apart and joins other repeated headers", async () => {
    web.answer = (_request, response) => {
      response.writeHead(200, "Fine", [
        ["Connection", "keep-alive, x-private"],
        ["Keep-Alive", "timeout=5"],
        ["X-Private", "1"],
        ["Set-Cookie", "a=1"],
        ["Set-Cookie", "b=2"],
        ["Content-Type", "text/plain"],
        ["Content-Type", "text/html"],
        ["Vary", "a"],
        ["Vary", "b"],
      ] as never);
      response.end("ok");
    };
    const { status, headers, text } = await request(session, { ":path": "/" });
    expect([status, text]).toEqual([200, "ok"]);
    expect(headers).toMatchObject({ "set-cookie": ["a=1", "b=2"], vary: "a, b, origin" });
    for (const gone of ["connection", "keep-alive", "x-private", "transfer-encoding"]) {
      expect(headers).not.toHaveProperty(gone);
    }
  });

  it("streams both ways on many streams at once", async () => {
    web.answer = (incoming, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      incoming.on("data", (chunk: Buffer) => void response.write(chunk));
      incoming.on("end", () => response.end());
    };
    const replies = Array.from({ length: 50 }, (_, index) => {
      const stream = session.request({ ":path": `/${index}`, ":method": "POST" });
      const reply = readStream(stream);
      for (let piece = 0; piece < 20; piece += 1) stream.write(`${index}-${piece} ${"x".repeat(5_000)}\n`);
      stream.end();
      return reply;
    });
    for (const [index, reply] of (await Promise.all(replies)).entries()) {
      const lines = reply.text.trim().split("\n");
      expect(lines.map((line) => line.split(" ", 1)[0])).toEqual(
        Array.from({ length: 20 }, (_, piece) => `${index}-${piece}`),
      );
    }
  });

  it("resets the stream of a response that is cut, and no other", async () => {
    web.answer = (incoming, response) => {
      response.writeHead(200, { "content-length": "1000" });
      response.write("part of it");
      if (incoming.url === "/cut") setTimeout(() => response.socket?.resetAndDestroy(), 50);
      else setTimeout(() => response.end("x".repeat(990)), 300);
    };
    const [cut, whole] = await Promise.all([
      request(session, { ":path": "/cut" }),
      request(session, { ":path": "/whole" }),
    ]);
    expect(cut).toMatchObject({ status: 200, text: "part of it", rstCode: constants.NGHTTP2_INTERNAL_ERROR });
    expect([whole.rstCode, whole.text.length]).toEqual([0, 1_000]);
    expect(session.destroyed).toBe(false);
  });

  it("cancels the upstream's work when the client resets its stream, within 100 ms", async () => {
    web.answer = (_request, response) => void response.write("begun");
    const stream = session.request({ ":path": "/" });
    stream.on("error", () => undefined);
    await once(stream, "data");
    const at = performance.now();
    stream.close(constants.NGHTTP2_CANCEL);
    await rig.waitUntil(() => web.received[0]?.abortedAt !== undefined, "the end of the upstream's work");
    expect((web.received[0]?.abortedAt ?? 0) - at).toBeLessThan(100);
  });

  it("never lets an upload that its client gave up look whole", async () => {
    let ended = false;
    web.answer = (incoming) => void incoming.on("end", () => (ended = true));
    const raw = await openRaw(rig.port("public"));
    raw.request(1, END_HEADERS);
    raw.send(FRAME.data, 0, 1, Buffer.from("half of it"));
    await rig.waitUntil(() => web.received[0]?.body.length === 10, "the first half");
    raw.send(FRAME.reset, 0, 1, Buffer.from([0, 0, 0, 8]));
    await rig.waitUntil(() => web.received[0]?.abortedAt !== undefined, "the end of the upstream's work");
    raw.request(3, END_HEADERS);
    raw.send(FRAME.data, 0, 3, Buffer.from("half of it"));
    await rig.waitUntil(() => web.received[1]?.body.length === 10, "the first half of the second one");
    raw.socket.destroy();
    await rig.waitUntil(() => web.received[1]?.abortedAt !== undefined, "the end of the upstream's work");
    expect(ended).toBe(false);
  });

  it("never lets a cut response look whole: no frame ends its stream but the reset", async () => {
    web.answer = (_request, response) => {
      response.write("part of it");
      setTimeout(() => response.socket?.resetAndDestroy(), 50);
    };
    const raw = await openRaw(rig.port("public"));
    raw.request(1, END_HEADERS | END_STREAM);
    await rig.waitUntil(() => raw.frames.some(({ type }) => type === FRAME.reset), "the reset");
    const ends = raw.frames.filter(({ type, flags }) => type <= FRAME.headers && (flags & END_STREAM) !== 0);
    expect(ends).toEqual([]);
    raw.socket.destroy();
  });

  it("ends a stream whose answer came before its body, and the client reads the answer", async () => {
    web.answer = (_request, response) => void response.writeHead(413, { connection: "close" }).end("too much");
    const stream = session.request({ ":path": "/", ":method": "POST" });
    const reply = readStream(stream);
    stream.write("begin");
    const timer = setInterval(() => void (stream.writable && stream.write("x".repeat(100))), 20);
    expect(await reply).toMatchObject({ status: 413, text: "too much", rstCode: 0 });
    clearInterval(timer);
  });

  it("answers preflights and marks answers for pages of allowed origins", async () => {
    const origin = "https://app.example";
    const asked = { ":path": "/", ":method": "OPTIONS", origin, "access-control-request-method": "GET" };
    const preflight = await request(session, asked);
    expect([preflight.status, preflight.headers["access-control-allow-headers"]]).toEqual([204, "x-team"]);
    web.answer = (_request, response) => void response.writeHead(200, { vary: "accept" }).end("ok");
    const { headers } = await request(session, { ":path": "/", origin });
    expect(headers).toMatchObject({ "access-control-allow-origin": origin, vary: "accept, origin" });
  });

  it("gives a WebSocket over HTTP/2 no answer that looks like one", async () => {
    const raw = await openRaw(rig.port("public"));
    const connectMethod = Buffer.concat([Buffer.from([0x02, 7]), Buffer.from("CONNECT")]);
    const block = Buffer.concat([
      connectMethod,
      Buffer.from([0x87, 0x84, 0x01, 1]),
      Buffer.from("x"),
      literal(":protocol", "websocket"),
    ]);
    raw.send(FRAME.headers, END_HEADERS, 1, block);
    const isEnd = ({ type, stream }: Frame) => (type === FRAME.reset && stream === 1) || type === FRAME.goAway;
    await rig.waitUntil(() => raw.frames.some(isEnd), "the refusal");
    expect(raw.frames.filter(({ type }) => type === FRAME.headers)).toEqual([]);
    raw.socket.destroy();
    expect(web.received).toHaveLength(0);
  });

  it("passes early hints", async () => {
    web.answer = (_request, response) => {
      response.writeEarlyHints({ link: "</a.css>; rel=preload" });
      response.end("ok");
    };
    const stream = session.request({ ":path": "/" });
    const hints = once(stream, "headers");
    const reply = readStream(stream);
    const [headers] = (await hints) as [Record<string, unknown>];
    expect(headers).toMatchObject({ ":status": 103, link: "</a.css>; rel=preload" });
    expect((await reply).status).toBe(200);
  });

  it("serves the model API", async () => {
    web.answer = (incoming, response) => {
      incoming.on("end", () => {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify({ choices: [{ message: { content: "hi" } }] }));
      });
    };
    const call = { ":path": "/v1/chat/completions", ":method": "POST", "content-type": "application/json" };
    const body = JSON.stringify({ model: "chat", messages: [] });
    const refused = await request(session, call, body);
    expect(refused.status).toBe(401);
    const answered = await request(session, { ...call, authorization: "Bearer fb-key" }, body);
    expect([answered.status, JSON.parse(answered.text).choices[0].message.content]).toEqual([200, "hi"]);
  });

  it("refuses an authority and a host that differ, and a path that can be read in two ways", async () => {
    const two = await request(session, { ":path": "/", ":authority": "a.example", host: "b.example" });
    expect([two.status, two.text]).toEqual([400, expect.stringContaining("two hosts")]);
    expect((await request(session, { ":path": "/%76%31/models" })).status).toBe(400);
    expect(web.received).toHaveLength(0);
  });

  it("refuses a tunnel and gRPC by name", async () => {
    const tunnel = session.request({ ":method": "CONNECT", ":authority": "x.example:80" });
    const refused = await readStream(tunnel);
    expect([refused.status, refused.text]).toEqual([505, expect.stringContaining("WebSocket over HTTP/2")]);
    const grpc = await request(session, { ":path": "/", ":method": "POST", "content-type": "application/grpc" }, "x");
    expect([grpc.status, grpc.text]).toEqual([505, expect.stringContaining("gRPC")]);
    expect(session.remoteSettings.enableConnectProtocol).toBe(false);
  });

  it("speaks HTTP/1.1 with clients that want it, WebSockets too", async () => {
    const made = https({ path: "/one", headers: { host: "localhost" } });
    made.end();
    const [response] = await once(made, "response");
    expect([response.statusCode, response.httpVersion, web.received[0]?.headers["x-forwarded-proto"]]).toEqual([
      200,
      "1.1",
      "https",
    ]);
    web.server.once("upgrade", (_request, socket) => {
      socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
      socket.on("data", (chunk: Buffer) => void socket.write(`echo ${chunk.toString()}`));
      socket.on("error", () => undefined);
    });
    const upgrade = https({ headers: { connection: "upgrade", upgrade: "websocket" } });
    upgrade.end();
    const [, socket] = await once(upgrade, "upgrade");
    socket.write("hello");
    expect(String((await once(socket, "data"))[0])).toBe("echo hello");
    socket.destroy();
  });

  it("closes a connection that does not begin with TLS, and refuses TLS 1.1", async () => {
    const plain = connectTls({
      port: rig.port("public"),
      host: "127.0.0.1",
      maxVersion: "TLSv1.1",
      minVersion: "TLSv1",
      rejectUnauthorized: false,
      ciphers: "DEFAULT@SECLEVEL=0",
    });
    const [error] = await once(plain, "error");
    expect(String(error.code)).toMatch(/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|ALERT/);
  });

  it("ends the connection of a client that opens and cancels streams as fast as it can, and serves others", async () => {
    web.answer = () => undefined;
    const raw = await openRaw(rig.port("public"));
    let opened = 0;
    const attack = setInterval(() => {
      for (let count = 0; count < 50; count += 1) {
        raw.request(2 * opened + 1, END_HEADERS | END_STREAM);
        raw.send(FRAME.reset, 0, 2 * opened + 1, Buffer.from([0, 0, 0, 8]));
        opened += 1;
      }
    }, 5);
    await raw.closed;
    clearInterval(attack);
    expect(web.received.length).toBeLessThan(400);
    expect(raw.frames.some(({ type }) => type === FRAME.goAway)).toBe(true);
    web.answer = ECHO;
    expect((await request(session, { ":path": "/" })).status).toBe(200);
  });

  it.each([
    [
      "CONTINUATION frames without end",
      (raw: RawHttp2) => {
        raw.request(1, 0);
        for (let count = 0; count < 5_000; count += 1)
          raw.send(FRAME.continuation, 0, 1, literal(`x-${count}`, "a".repeat(50)));
      },
    ],
    [
      "SETTINGS frames without end",
      (raw: RawHttp2) => {
        raw.socket.pause();
        for (let count = 0; count < 50_000; count += 1) raw.send(FRAME.settings, 0, 0);
      },
    ],
    [
      "PING frames without end",
      (raw: RawHttp2) => {
        raw.socket.pause();
        for (let count = 0; count < 50_000; count += 1) raw.send(FRAME.ping, 0, 0, Buffer.alloc(8));
      },
    ],
    [
      "frames of streams that do not exist",
      (raw: RawHttp2) => {
        for (let count = 0; count < 5_000; count += 1) raw.send(FRAME.data, 0, 2 * count + 1, Buffer.from("x"));
      },
    ],
  ])("closes a connection with %s, and serves others", async (_name, attack) => {
    const raw = await openRaw(rig.port("public"));
    attack(raw);
    const startedAt = performance.now();
    expect((await request(session, { ":path": "/" })).status).toBe(200);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    raw.socket.resume();
    await raw.closed;
  });

  it("resets a stream with too many headers, and the process lives", async () => {
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`x-${index}`, "1"]));
    expect((await request(session, { ":path": "/", ...many })).status).toBe(431);
    const large = await request(session, { ":path": "/", "x-large": "a".repeat(20_000) });
    expect([large.status, large.rstCode === 0]).toEqual([0, false]);
    const next = await openSession(rig.port("public"));
    expect((await request(next, { ":path": "/" })).status).toBe(200);
    next.destroy();
  });

  describe("certificates", () => {
    const commonName = async (): Promise<string> => {
      const socket: TLSSocket = connectTls({ port: rig.port("public"), host: "127.0.0.1", rejectUnauthorized: false });
      await once(socket, "secureConnect");
      const name = socket.getPeerCertificate().subject.CN;
      socket.destroy();
      return String(name);
    };

    it("takes a new pair, keeps it when the next one is broken and says why", async () => {
      expect(await commonName()).toBe("first");
      const files = folder.make("second");
      await vi.waitFor(async () => expect(await commonName()).toBe("second"), { timeout: 8_000, interval: 100 });
      const other = folder.make("third", "other");
      copyFileSync(other.keyFile, files.keyFile);
      await rig.waitUntil(() => /old one stays/.test(gateway.log()), "the reason in the log");
      expect(gateway.log()).toMatch(/mismatch/i);
      expect(await commonName()).toBe("second");
      copyFileSync(other.certificateFile, files.certificateFile);
      await vi.waitFor(async () => expect(await commonName()).toBe("third"), { timeout: 8_000, interval: 100 });
      expect((await request(session, { ":path": "/" })).status).toBe(200);
    });
  });

  it("lets a stream end during a drain, begins none, and closes the connection", async () => {
    web.answer = (incoming, response) => {
      response.write("begun ");
      setTimeout(() => response.end(`ended ${incoming.url}`), 400);
    };
    const stream = session.request({ ":path": "/running" });
    const reply = readStream(stream);
    await once(stream, "data");
    const goAway = once(session, "goaway");
    const closed = once(session, "close");
    gateway.child.kill("SIGTERM");
    await goAway;
    expect(await reply).toMatchObject({ text: "begun ended /running", rstCode: 0 });
    await closed;
    expect(await gateway.exited).toBe(0);
  });
});
