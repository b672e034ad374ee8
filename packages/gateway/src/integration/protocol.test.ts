// Bytes that are no plain HTTP/1.1 request, and requests that two programs could read differently.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, pool, route, snapshot } from "../testdata/snapshots.ts";
import { raw, send } from "../testdata/test-client.ts";
import { startUpstream, type TestUpstream } from "../testdata/test-upstream.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let rig: Rig;
let web: TestUpstream;

beforeAll(async () => {
  web = await startUpstream();
  rig = await createRig();
  rig.send(
    snapshot(1, {
      pools: [pool("web", [endpoint("web/0@1", web.port)])],
      routes: [route("all", "web")],
    }),
  );
  await rig.start().ready;
});
afterAll(async () => {
  await rig.dispose();
  await web.kill();
});
beforeEach(() => {
  web.received.length = 0;
});

const HOST = "Host: x\r\n";

describe("requests that could be smuggled", () => {
  it.each([
    [
      "a length and a transfer encoding",
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG`,
    ],
    ["two different lengths", `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!`],
    ["two equal lengths", `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`],
    ["a signed length", `POST / HTTP/1.1\r\n${HOST}Content-Length: +5\r\n\r\nhello`],
    ["a hexadecimal length", `POST / HTTP/1.1\r\n${HOST}Content-Length: 0x5\r\n\r\nhello`],
    ["a list of lengths", `POST / HTTP/1.1\r\n${HOST}Content-Length: 5, 5\r\n\r\nhello`],
    ["a transfer encoding that is not chunked", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: xchunked\r\n\r\nhello`],
    ["chunked not last", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
    ["a space before the colon", `POST / HTTP/1.1\r\n${HOST}Content-Length : 5\r\n\r\nhello`],
    ["a folded header", `GET / HTTP/1.1\r\n${HOST}X-A: 1\r\n Content-Length: 5\r\n\r\n`],
    ["a bare line feed", `GET / HTTP/1.1\n${HOST}X: 1\n\n`],
    ["a NUL in a header", `GET / HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`],
    ["no host", "GET / HTTP/1.1\r\nX: 1\r\n\r\n"],
    ["a broken chunk size", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
    ["no HTTP at all", "hello\r\n\r\n"],
  ])("refuses %s and sends no second request up", async (_name, bytes) => {
    const text = await raw(rig.port("public"), bytes, (seen) => seen.includes("\r\n\r\n"));
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(web.received.length).toBeLessThanOrEqual(1);
    for (const { method, url } of web.received) expect([method, url]).toEqual(["POST", "/"]);
  });

  it("refuses headers that are too long with 431", async () => {
    const text = await raw(rig.port("public"), `GET / HTTP/1.1\r\n${HOST}X: ${"a".repeat(20_000)}\r\n\r\n`, (seen) =>
      seen.includes("\r\n\r\n"),
    );
    expect(text).toMatch(/^HTTP\/1\.1 431 /);
  });

  it("shows one host to routing and to the upstream when a request names two", async () => {
    const text = await raw(rig.port("public"), "GET / HTTP/1.1\r\nHost: one\r\nHost: two\r\nConnection: close\r\n\r\n");
    if (text.startsWith("HTTP/1.1 200")) {
      const names = web.received[0]?.rawHeaders.filter((name) => name.toLowerCase() === "host");
      expect([names?.length, web.received[0]?.headers.host]).toEqual([1, "one"]);
    } else expect(text).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("protocols that are refused by name", () => {
  it("answers HTTP/2 with prior knowledge in HTTP/2: GOAWAY, HTTP_1_1_REQUIRED", async () => {
    const text = await raw(rig.port("public"), "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
    const bytes = Buffer.from(text, "latin1");
    expect([bytes[3], bytes[9 + 3]]).toEqual([4, 7]);
    expect(bytes.readUInt32BE(9 + 9 + 4)).toBe(0x0d);
    expect(text).toContain("HTTP/2 and gRPC are refused");
  });

  it("answers gRPC over HTTP/1.1 with 505 and a code", async () => {
    const reply = await send({
      port: rig.port("public"),
      body: "x",
      headers: { "content-type": "application/grpc+proto" },
    });
    expect([reply.status, reply.json().error.code]).toEqual([505, "FB_GATEWAY_PROTOCOL"]);
    expect(web.received).toHaveLength(0);
  });

  it("serves a request that offers h2c as the HTTP/1.1 request that it is", async () => {
    const text = await raw(
      rig.port("public"),
      `GET /up HTTP/1.1\r\n${HOST}Connection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(web.received[0]?.headers["http2-settings"]).toBeUndefined();
  });
});

it("answers 100 to a client that waits for it", async () => {
  const text = await raw(
    rig.port("public"),
    `POST / HTTP/1.1\r\n${HOST}Expect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi`,
  );
  expect(text).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200/);
  expect(web.received[0]?.headers.expect).toBeUndefined();
});
