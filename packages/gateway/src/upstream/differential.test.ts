// The same responses read by this client and by Node's own: what both accept must mean the same, and what Node refuses is refused here.
import { request as nodeRequest } from "node:http";
import { systemClock } from "@flyball/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { createHttp1Upstream } from "./http1-upstream.ts";
import { startRawServer, type RawServer } from "./testdata/raw-server.ts";
import { record } from "./testdata/recorded-call.ts";
import type { Upstream } from "./upstream.ts";

vi.setConfig({ testTimeout: 60_000 });

/** What a client made of a response; undefined: it failed. */
type Meaning = { status: number; headers: readonly string[]; body: string } | undefined;

let bytes = Buffer.alloc(0);
let sizes: readonly number[] = [];
let server: RawServer;
let upstream: Upstream;

beforeAll(async () => {
  server = await startRawServer((socket) => {
    let at = 0;
    let index = 0;
    const step = (): void => {
      if (socket.destroyed) return;
      if (at >= bytes.length) return void socket.end();
      const size = sizes[Math.min(index++, sizes.length - 1)] ?? bytes.length;
      socket.write(bytes.subarray(at, (at += size)), () => setImmediate(step));
    };
    step();
  });
  upstream = createHttp1Upstream({
    origin: server.origin,
    connectMs: 1_000,
    clock: systemClock,
    onOpenConnections: () => undefined,
  });
});
afterAll(async () => {
  upstream.close();
  await server.close();
});

async function ours(method: string): Promise<Meaning> {
  const { failure, head, body } = await record(upstream, { method }).done;
  if (failure || !head) return undefined;
  return { status: head.status, headers: head.headers, body: body.toString("latin1") };
}

function nodes(method: string): Promise<Meaning> {
  return new Promise((resolve) => {
    const outgoing = nodeRequest({ host: "127.0.0.1", port: server.port, method, agent: false }, (incoming) => {
      const pieces: Buffer[] = [];
      incoming.on("data", (piece: Buffer) => pieces.push(piece));
      incoming.on("error", () => resolve(undefined));
      incoming.on("close", () => {
        const body = Buffer.concat(pieces).toString("latin1");
        resolve(
          incoming.complete ? { status: incoming.statusCode ?? 0, headers: incoming.rawHeaders, body } : undefined,
        );
      });
    });
    outgoing.on("error", () => resolve(undefined));
    outgoing.on("upgrade", (_incoming, socket) => {
      socket.destroy();
      resolve(undefined);
    });
    outgoing.end();
  });
}

const CORPUS = [
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: CHUNKED\r\nTrailer: x\r\n\r\n5;a=b\r\nhello\r\n000\r\nx: y\r\n\r\n",
  "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
  "HTTP/1.1 404 Not \xe9 Found\r\nA:b\r\nA:\t c \t\r\nB:\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 1\r\n\r\nx",
  "HTTP/1.1 200 OK\r\nX: \xff\xfe\r\n\r\nuntil the end",
  "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
  "HTTP/1.0 200 OK\r\n\r\nold",
  "HTTP/1.1 204 No Content\r\nX: y\r\n\r\n",
  "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
  "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
  `HTTP/1.1 200 OK\r\n${"X-Many: value\r\n".repeat(200)}Content-Length: 2\r\n\r\nok`,
  `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${"a\r\n0123456789\r\n".repeat(300)}0\r\n\r\n`,
];

/** Without the body, which an answer to HEAD does not have. */
function headsOf(text: string): string {
  return text.slice(0, text.indexOf("\r\n\r\n", text.lastIndexOf("HTTP/1.")) + 4);
}

it.each(
  CORPUS.flatMap((text) =>
    ["GET", "HEAD"].map((method) => ({ name: JSON.stringify(text.slice(0, 60)), method, text })),
  ),
)("$method of $name means what Node says, however it is cut", async ({ method, text }) => {
  bytes = Buffer.from(method === "HEAD" ? headsOf(text) : text, "latin1");
  for (const cut of [[bytes.length], [1, 2, 3, 5, 8, 13, 400], [40, 1, 1, 1, 400]]) {
    sizes = cut;
    const expected = await nodes(method);
    expect(expected).toBeDefined();
    expect(await ours(method)).toEqual(expected);
  }
});

it("of damaged responses nothing is accepted in another meaning than Node's", async () => {
  const damage = fc.record({
    from: fc.nat(),
    at: fc.nat(),
    byte: fc.oneof(fc.nat(255), fc.constantFrom(10, 13, 32, 44, 48, 58)),
    isInsert: fc.boolean(),
  });
  let accepted = 0;
  await fc.assert(
    fc.asyncProperty(damage, async ({ from, at, byte, isInsert }) => {
      const list = [...Buffer.from(CORPUS[from % (CORPUS.length - 2)] ?? "", "latin1")];
      list.splice(at % list.length, isInsert ? 0 : 1, byte);
      bytes = Buffer.from(list);
      sizes = [bytes.length];
      const [mine, theirs] = [await ours("GET"), await nodes("GET")];
      if (mine === undefined || theirs === undefined) return;
      accepted += 1;
      expect(mine).toEqual(theirs);
    }),
    { numRuns: 400 },
  );
  expect(accepted).toBeGreaterThan(20);
});
