import { execFile } from "node:child_process";
import { once } from "node:events";
import * as net from "node:net";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { bindSocket, type BoundSocket } from "./bind-socket.ts";
import { findListeningSockets, findPortHolder, parseListeningSockets } from "./listening-sockets.ts";

const cleanups: (() => unknown)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function bound(host: string, port = 0): BoundSocket {
  const socket = bindSocket(host, port);
  if (!socket) throw new Error(`${host}:${port} is busy`);
  cleanups.push(() => socket.close());
  return socket;
}

async function listening(listen: (server: net.Server) => net.Server): Promise<number> {
  const server = net.createServer((socket) => socket.end("hello"));
  cleanups.push(() => server.close());
  await once(listen(server), "listening");
  return (server.address() as net.AddressInfo).port;
}

describe("what is used of Node's internals", () => {
  const create = (net as unknown as { _createServerHandle: (...parameters: unknown[]) => unknown })._createServerHandle;

  it("binds, tells descriptor and name, and closes", () => {
    const handle = create("127.0.0.1", 0, 4) as { fd: number; getsockname(out: object): number; close(): void };
    const name = {};
    expect(handle.fd).toBeGreaterThan(2);
    expect(handle.getsockname(name)).toBe(0);
    expect(name).toMatchObject({ address: "127.0.0.1", family: "IPv4", port: expect.any(Number) });
    handle.close();
  });

  it("answers a number for an address that cannot be bound", () => {
    expect(create("192.0.2.1", 0, 4)).toBeLessThan(0);
  });

  it("gives a handle without the port for a busy one: the reason why the name is looked at", async () => {
    const port = await listening((server) => server.listen(0, "127.0.0.1"));
    const handle = create("127.0.0.1", port, 4) as { getsockname(out: object): number; close(): void };
    const name: { port?: number } = {};
    handle.getsockname(name);
    expect(name.port).not.toBe(port);
    handle.close();
  });
});

describe("bindSocket", () => {
  it.each(["127.0.0.1", "::1"])("binds %s without listening, for another to listen on the descriptor", async (host) => {
    const socket = bound(host);
    expect(findListeningSockets(host, socket.port)).toEqual([]);
    await expect(once(net.connect(socket.port, host), "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(await listening((server) => server.listen({ fd: socket.fd }))).toBe(socket.port);
    expect(String((await once(net.connect(socket.port, host), "data"))[0])).toBe("hello");
    expect(findListeningSockets(host, socket.port)).toHaveLength(1);
  });

  it("gives a port again after it was closed, and another one each time for 0", () => {
    const [a, b] = [bound("127.0.0.1"), bound("127.0.0.1")];
    expect(a.port).not.toBe(b.port);
    a.close();
    expect(bound("127.0.0.1", a.port).port).toBe(a.port);
  });

  it("gives no port that something listens on, and its holder is known", async () => {
    const port = await listening((server) => server.listen(0, "127.0.0.1"));
    expect(bindSocket("127.0.0.1", port)).toBeUndefined();
    expect(bindSocket("0.0.0.0", port)).toBeUndefined();
    expect(findPortHolder("127.0.0.1", port)).toMatchObject({ pid: process.pid });
  });

  it("gives no port that is bound already but not listened on yet, here or by another process", async () => {
    const { port } = bound("127.0.0.1");
    expect(bindSocket("127.0.0.1", port)).toBeUndefined();
    const program = `import { bindSocket } from ${JSON.stringify(import.meta.resolve("./bind-socket.ts"))};
      console.log([${port}, 0].map((port) => typeof bindSocket("127.0.0.1", port)).join(" "));`;
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...process.execArgv,
      "--input-type=module",
      "-e",
      program,
    ]);
    expect(stdout.trim()).toBe("undefined object");
  });

  it("gives nothing for an address of another machine", () => {
    expect(bindSocket("192.0.2.1", 0)).toBeUndefined();
  });
});

describe("the kernel's table of sockets", () => {
  const text = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0000 100 0 0 10 0",
    "   1: 0100007F:1388 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0000 20 4 30 10 -1",
    "",
  ].join("\n");

  it("shows who listens and not who is connected", () => {
    expect(parseListeningSockets(text, 4)).toEqual([{ family: 4, addressHex: "0100007F", port: 5_000, inode: "4711" }]);
    expect(parseListeningSockets("", 6)).toEqual([]);
  });

  it("is matched by address: another loopback address is free", async () => {
    const port = await listening((server) => server.listen(0, "127.0.0.1"));
    expect(findListeningSockets("127.0.0.1", port)).toHaveLength(1);
    expect(findListeningSockets("0.0.0.0", port)).toHaveLength(1);
    expect(findListeningSockets("::", port)).toHaveLength(1);
    expect(findListeningSockets("127.0.0.2", port)).toEqual([]);
    expect(findListeningSockets("::1", port)).toEqual([]);
  });

  it("is matched for every way to write an IPv6 address", async () => {
    const port = await listening((server) => server.listen(0, "::1"));
    for (const host of ["::1", "0:0:0:0:0:0:0:1", "0::1"]) expect(findListeningSockets(host, port)).toHaveLength(1);
    expect(findListeningSockets("fe80::1", port)).toEqual([]);
  });
});
