import { createHash } from "node:crypto";
import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, pool, route, snapshot } from "../testdata/snapshots.ts";
import { raw, send } from "../testdata/test-client.ts";
import { startUpstream, type TestUpstream } from "../testdata/test-upstream.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let rig: Rig;
let web: TestUpstream;
const serverSockets = new Set<Socket>();

/** Accepts a WebSocket handshake and sends every byte back. */
function acceptUpgrades(upstream: TestUpstream): void {
  upstream.server.on("upgrade", (request, socket: Socket, head) => {
    serverSockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => serverSockets.delete(socket));
    if (request.url === "/refuse") {
      socket.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\nno");
      return;
    }
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nX-Path: ${request.url}\r\n\r\n`,
    );
    if (head.length > 0) socket.write(head);
    socket.on("data", (chunk) => void socket.write(chunk));
    socket.on("end", () => socket.end());
  });
}

beforeAll(async () => {
  web = await startUpstream();
  acceptUpgrades(web);
  rig = await createRig({ listeners: ["public", "admin"], drainMs: 1_500 });
  rig.send(
    snapshot(1, {
      listeners: ["public", "admin"],
      pools: [pool("web", [endpoint("web/0@1", web.port)])],
      routes: [
        route("ws", "web", { match: { pathPrefix: "/ws" }, stripsPrefix: true }),
        route("refuse", "web", { match: { pathPrefix: "/refuse" } }),
      ],
    }),
  );
});
afterAll(async () => {
  await rig.dispose();
  await web.kill();
});
beforeEach(() => {
  web.received.length = 0;
});

const HANDSHAKE = (path: string): string =>
  `GET ${path} HTTP/1.1\r\nHost: app\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;

/** A connection after its handshake. */
async function connected(path = "/ws/chat"): Promise<{ socket: Socket; head: string; read: () => string }> {
  const socket = connect(rig.port("public"), "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  socket.write(HANDSHAKE(path));
  await rig.waitUntil(() => text.includes("\r\n\r\n"), "the handshake");
  const at = text.indexOf("\r\n\r\n") + 4;
  return { socket, head: text.slice(0, at), read: () => text.slice(at) };
}

async function inFlight(): Promise<number> {
  return (await send({ port: rig.port("admin"), path: "/endpoints" })).json().pools[0].endpoints[0].inFlight;
}

describe("a WebSocket", () => {
  it("passes its handshake and every byte in both directions, and counts in flight while it is open", async () => {
    await rig.start().ready;
    const { socket, head, read } = await connected();
    expect(head).toMatch(/^HTTP\/1\.1 101 /);
    expect(head).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    expect(head).toContain("X-Path: /chat");
    const bytes = Array.from({ length: 256 }, (_, index) => String.fromCharCode(index)).join("");
    socket.write(Buffer.from(bytes, "latin1"));
    await rig.waitUntil(() => read() === bytes, "the echo");
    expect(await inFlight()).toBe(1);
    socket.destroy();
    await expect.poll(inFlight, { timeout: 1_000 }).toBe(0);
    await rig.waitUntil(() => serverSockets.size === 0, "the upstream's end");
  });

  it("carries 64 MiB through slow readers", async () => {
    const { socket, read } = await connected();
    const piece = Buffer.alloc(1024 * 1024, "z");
    let echoed = 0;
    socket.removeAllListeners("data");
    socket.on("data", (chunk) => (echoed += chunk.length));
    for (let sent = 0; sent < 64; sent += 1) {
      if (!socket.write(piece)) await new Promise((resolve) => socket.once("drain", resolve));
    }
    await rig.waitUntil(() => echoed === 64 * piece.length, "all bytes", 20_000);
    expect(read()).toBe("");
    socket.destroy();
  });

  it("ends when the upstream is lost", async () => {
    const { socket } = await connected();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    for (const each of serverSockets) each.resetAndDestroy();
    await closed;
    await expect.poll(inFlight, { timeout: 1_000 }).toBe(0);
  });

  it("that the upstream refuses is refused with the upstream's words", async () => {
    const text = await raw(rig.port("public"), HANDSHAKE("/refuse"));
    expect(text).toMatch(/^HTTP\/1\.1 401 /);
    expect(text.endsWith("no")).toBe(true);
    await expect.poll(inFlight, { timeout: 1_000 }).toBe(0);
  });

  it("on no route is answered 404", async () => {
    const text = await raw(rig.port("public"), HANDSHAKE("/nowhere"));
    expect(text).toMatch(/^HTTP\/1\.1 404 /);
    expect(text).toContain("FB_GATEWAY_NO_ROUTE");
  });

  it("is closed at the end of a drain", async () => {
    const { socket } = await connected();
    const closed = new Promise((resolve) => socket.once("close", resolve));
    const startedAt = performance.now();
    process.kill(rig.pid, "SIGTERM");
    await closed;
    expect(performance.now() - startedAt).toBeGreaterThan(1_200);
    expect(performance.now() - startedAt).toBeLessThan(4_000);
  });
});
