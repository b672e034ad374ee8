import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { Agent } from "node:http";
import { connect } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, pool, route, snapshot } from "../testdata/snapshots.ts";
import { open, raw, send } from "../testdata/test-client.ts";
import { ECHO, startUpstream, type TestUpstream } from "../testdata/test-upstream.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let rig: Rig;
let web: TestUpstream;
let other: TestUpstream;

beforeAll(async () => {
  web = await startUpstream();
  other = await startUpstream();
  rig = await createRig();
  rig.send(
    snapshot(1, {
      pools: [pool("web", [endpoint("web/0@1", web.port)]), pool("other", [endpoint("other/0@1", other.port)])],
      routes: [
        route("all", "web"),
        route("api", "other", { match: { pathPrefix: "/api" }, stripsPrefix: true }),
        route("posts", "other", { match: { pathPrefix: "/", methods: ["PATCH"] } }),
        route("host", "other", { match: { pathPrefix: "/", hosts: ["shop.example"] } }),
        route("header", "other", { match: { pathPrefix: "/", headers: { "X-Canary": "yes" } } }),
        route("only", "other", { match: { pathPrefix: "/only", methods: ["PUT"] } }),
      ],
    }),
  );
  await rig.start().ready;
});
afterAll(async () => {
  await rig.dispose();
  await Promise.all([web.kill(), other.kill()]);
});
beforeEach(() => {
  web.answer = ECHO;
  other.answer = ECHO;
  web.received.length = 0;
  other.received.length = 0;
});
const call = (more: object = {}) => send({ port: rig.port("public"), ...more });

describe("routing", () => {
  it("goes by path at segment borders and strips the prefix where the route says so", async () => {
    expect((await call({ path: "/api/x?q=1" })).json().url).toBe("/x?q=1");
    expect((await call({ path: "/api" })).json().url).toBe("/");
    await call({ path: "/apix" });
    expect(web.received.map(({ url }) => url)).toEqual(["/apix"]);
  });

  it("goes by method, host and header", async () => {
    await call({ method: "PATCH" });
    await call({ headers: { host: "Shop.Example:80" } });
    await call({ headers: { "x-canary": "yes" } });
    expect(other.received).toHaveLength(3);
    expect(web.received).toHaveLength(0);
  });

  it("takes the absolute form of a target with its own host", async () => {
    const text = await raw(
      rig.port("public"),
      "GET http://shop.example/a?b HTTP/1.1\r\nHost: ignored\r\nConnection: close\r\n\r\n",
    );
    expect(text).toContain("HTTP/1.1 200");
    expect(other.received[0]?.url).toBe("/a?b");
  });

  it("refuses a path with dot segments", async () => {
    const reply = await raw(
      rig.port("public"),
      "GET /api/%2e%2e/admin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    );
    expect(reply).toContain("HTTP/1.1 400");
    expect(reply).toContain("FB_GATEWAY_BAD_REQUEST");
  });
});

describe("headers", () => {
  it("removes those of one hop in both directions and says who asked", async () => {
    web.answer = (_request, response) => {
      response.setHeader("Connection", "close, X-Private");
      response.setHeader("X-Private", "1");
      response.setHeader("X-Shown", ["a", "b"]);
      response.end("ok");
    };
    const reply = await call({
      headers: {
        connection: "keep-alive, x-secret-hop",
        "x-secret-hop": "1",
        te: "trailers",
        "proxy-connection": "keep-alive",
        "x-kept": "Yes",
        host: "app.example:9",
      },
    });
    const seen = web.received[0]?.headers ?? {};
    expect(seen).toMatchObject({
      host: "app.example:9",
      "x-kept": "Yes",
      "x-forwarded-for": "127.0.0.1",
      "x-forwarded-proto": "http",
      "x-forwarded-host": "app.example:9",
    });
    for (const gone of ["x-secret-hop", "te", "proxy-connection", "via"]) {
      expect(seen).not.toHaveProperty(gone);
    }
    expect(reply.headers["x-shown"]).toBe("a, b");
    expect(reply.headers["x-private"]).toBeUndefined();
  });

  it("keeps a request id and makes one where there is none", async () => {
    const kept = await call({ headers: { "x-request-id": "abc-1" } });
    expect([kept.headers["x-request-id"], web.received[0]?.headers["x-request-id"]]).toEqual(["abc-1", "abc-1"]);
    const made = await call();
    expect(made.headers["x-request-id"]).toMatch(/^req_/);
    expect(made.headers["x-request-id"]).toBe(web.received[1]?.headers["x-request-id"]);
  });

  it("passes a deadline on, shortened by what this hop keeps for itself, and answers one that has passed without sending", async () => {
    const deadline = Date.now() + 5_000;
    await call({ headers: { "x-flyball-deadline": String(deadline) } });
    const kept = deadline - Number(web.received[0]?.headers["x-flyball-deadline"]);
    // A hundred milliseconds of five seconds, and a whole one of the clock.
    expect(kept).toBeGreaterThanOrEqual(99);
    expect(kept).toBeLessThan(110);
    const late = await call({ headers: { "x-flyball-deadline": String(Date.now() - 1) } });
    expect([late.status, late.json().error.code]).toEqual([504, "FB_GATEWAY_DEADLINE"]);
    expect(web.received).toHaveLength(1);
  });
});

describe("bodies", () => {
  it.each([
    ["GBK text", Buffer.from([0xc4, 0xe3, 0xba, 0xc3])],
    ["every byte", Buffer.from(Array.from({ length: 256 }, (_, index) => index))],
    ["a megabyte of noise", randomBytes(1024 * 1024)],
    ["nothing", Buffer.alloc(0)],
  ])("passes %s both ways, with a length and chunked", async (_name, bytes) => {
    web.answer = (request, response, received) => {
      request.on("end", () => {
        if (request.headers["transfer-encoding"]) response.write(received.body.subarray(0, 1));
        response.end(received.body.subarray(request.headers["transfer-encoding"] ? 1 : 0));
      });
    };
    const whole = await call({ body: bytes, headers: { "content-length": String(bytes.length) } });
    expect(whole.body.equals(bytes)).toBe(true);
    const chunked = await call({ body: bytes, headers: { "transfer-encoding": "chunked" } });
    expect(chunked.body.equals(bytes)).toBe(true);
    expect(web.received.map(({ body }) => body.equals(bytes))).toEqual([true, true]);
  });

  it("streams a request up piece by piece while it is still being sent", async () => {
    const request = open({ port: rig.port("public"), method: "POST" });
    for (let piece = 1; piece <= 3; piece += 1) {
      request.write("x".repeat(10));
      await rig.waitUntil(() => web.received[0]?.body.length === piece * 10, `piece ${piece}`);
    }
    request.end();
    const [response] = await once(request, "response");
    expect(response.statusCode).toBe(200);
  });

  it("streams a response down piece by piece, headers first, without joining pieces", async () => {
    const pieces: (() => void)[] = [];
    web.answer = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      pieces.push(
        () => void response.write("data: 1\n\n"),
        () => void response.write("data: 2\n\n"),
        () => void response.end("data: 3\n\n"),
      );
    };
    const request = open({ port: rig.port("public") });
    request.end();
    const [response] = await once(request, "response");
    const seen: string[] = [];
    response.on("data", (chunk: Buffer) => seen.push(chunk.toString()));
    for (const [index, piece] of pieces.entries()) {
      piece();
      await rig.waitUntil(() => seen.length === index + 1, `event ${index}`);
    }
    expect(seen).toEqual(["data: 1\n\n", "data: 2\n\n", "data: 3\n\n"]);
  });

  it("answers before the body has come, and does not wait for a client that goes on sending", async () => {
    web.answer = (_request, response) => void response.writeHead(413, { connection: "close" }).end("too much");
    const socket = connect(rig.port("public"), "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => (text += chunk.toString()));
    socket.on("error", () => undefined);
    const closed = once(socket, "close");
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\nbegin");
    const timer = setInterval(() => socket.write("x".repeat(100)), 20);
    const startedAt = performance.now();
    await closed;
    clearInterval(timer);
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(text).toContain("too much");
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it("holds large bodies back in both directions instead of keeping them in memory", async () => {
    const size = 256 * 1024 * 1024;
    const piece = randomBytes(1024 * 1024);
    const hash = createHash("sha256");
    for (let sent = 0; sent < size; sent += piece.length) hash.update(piece);
    const expected = hash.digest("hex");
    web.answer = (request, response, received) => {
      request.removeAllListeners("data");
      received.body = Buffer.alloc(0);
      response.writeHead(200);
      request.on("data", (chunk: Buffer) => {
        if (!response.write(chunk)) {
          request.pause();
          response.once("drain", () => request.resume());
        }
      });
      request.on("end", () => response.end());
    };
    const peak = await peakRss(rig, async () => {
      const request = open({ port: rig.port("public"), method: "POST" });
      const digest = createHash("sha256");
      const done = once(request, "response").then(async ([response]) => {
        for await (const chunk of response) {
          digest.update(chunk as Buffer);
          // A client that reads slower than the upstream writes.
          await new Promise((resolve) => setImmediate(resolve));
        }
      });
      for (let sent = 0; sent < size; sent += piece.length) {
        if (!request.write(piece)) await once(request, "drain");
      }
      request.end();
      await done;
      expect(digest.digest("hex")).toBe(expected);
    });
    expect(peak.grownMb).toBeLessThan(110);
  });
});

describe("responses", () => {
  it("keeps HEAD, 204 and 304 without a body and with their headers", async () => {
    web.answer = (request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, status === 200 ? { "content-length": "123" } : { etag: '"a"' });
      response.end();
    };
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const head = await call({ method: "HEAD", path: "/200", agent });
    expect([head.status, head.headers["content-length"], head.body.length]).toEqual([200, "123", 0]);
    for (const status of [204, 304]) {
      const reply = await call({ path: `/${status}`, agent });
      expect([reply.status, reply.headers["etag"], reply.body.length]).toEqual([status, '"a"', 0]);
    }
    agent.destroy();
  });

  it("passes early hints on and then the answer", async () => {
    web.answer = (_request, response) => {
      response.writeEarlyHints({ link: "</a.css>; rel=preload" });
      setTimeout(() => response.end("ok"), 20);
    };
    const request = open({ port: rig.port("public") });
    const hints = once(request, "information");
    const answered = once(request, "response");
    request.end();
    expect((await hints)[0]).toMatchObject({ statusCode: 103 });
    expect((await answered)[0].statusCode).toBe(200);
  });

  it("serves HTTP/1.0 without chunks and closes", async () => {
    web.answer = (_request, response) => {
      response.write("a");
      response.end("b");
    };
    const text = await raw(rig.port("public"), "GET / HTTP/1.0\r\nHost: x\r\n\r\n");
    expect(text).toMatch(/^HTTP\/1\.1 200/);
    expect(text.toLowerCase()).not.toContain("chunked");
    expect(text.endsWith("\r\n\r\nab")).toBe(true);
  });

  it("serves requests one after the other and pipelined on one connection", async () => {
    const one = "GET /n HTTP/1.1\r\nHost: x\r\n\r\n";
    const last = "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    const text = await raw(rig.port("public"), one.repeat(4) + last);
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(5);
    expect(web.received.map(({ url }) => url)).toEqual(["/n", "/n", "/n", "/n", "/last"]);
  });

  it("keeps upstream connections open for further requests", async () => {
    let opened = 0;
    const count = (): void => void (opened += 1);
    web.server.on("connection", count);
    for (let request = 0; request < 20; request += 1) await call();
    web.server.off("connection", count);
    expect(opened).toBeLessThanOrEqual(1);
  });

  it("answers 404 with a code when no route matches", async () => {
    other.answer = ECHO;
    const gone = snapshot(2, {
      pools: [pool("web", [endpoint("web/0@1", web.port)])],
      routes: [route("a", "web", { match: { pathPrefix: "/a" } })],
    });
    await rig.publish(gone);
    const reply = await call({ path: "/b" });
    expect(reply.status).toBe(404);
    expect(reply.json().error).toMatchObject({
      code: "FB_GATEWAY_NO_ROUTE",
      message: "no route for GET /b",
    });
  });
});

/** Highest resident size of the gateway while something runs, against the size before. */
async function peakRss(from: Rig, run: () => Promise<void>): Promise<{ grownMb: number }> {
  const before = await rssMb(from);
  let peak = before;
  const timer = setInterval(() => void rssMb(from).then((now) => (peak = Math.max(peak, now))), 25);
  await run();
  clearInterval(timer);
  return { grownMb: peak - before };
}

async function rssMb(from: Rig): Promise<number> {
  const { readFile } = await import("node:fs/promises");
  const status = await readFile(`/proc/${from.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}
