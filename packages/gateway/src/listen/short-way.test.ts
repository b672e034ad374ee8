// The short way beside Node's own server: the same bytes on both, and what the client reads and what the handler saw must be the same.
// Then what connections keep from one request to the next.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { get as nodeGet } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createCertificateFolder, hasOpenssl } from "./testdata/make-certificate.ts";
import { readAnswers } from "./testdata/read-answers.ts";
import { plans, scriptOf, withShortAnswers } from "./testdata/request-plans.ts";
import { play, serve, until, type Played, type Script, type Served } from "./testdata/served.ts";
import { answersOf, open, request, start } from "./testdata/test-servers.ts";

let node: Served;
let short: Served;

beforeAll(async () => {
  [node, short] = await Promise.all([serve("node"), serve("short")]);
});
afterAll(() => {
  node.stop();
  short.stop();
});

/** Header names without case and in one order; all else as it came. */
function comparable({ answers, ...played }: Played): unknown {
  const sorted = answers.map(({ headers, ...answer }) => ({
    ...answer,
    headers: headers
      .map(([name, value], index) => [name.toLowerCase(), value, index] as const)
      .toSorted(([a, , i], [b, , j]) => (a < b ? -1 : a > b ? 1 : i - j))
      .map(([name, value]) => `${name}: ${value}`),
  }));
  return { answers: sorted, ...played };
}

async function playOnBoth(script: Script, pair: readonly [Served, Served] = [node, short]): Promise<Played> {
  const [byNode, byShort] = await Promise.all([play(pair[0], script), play(pair[1], script)]);
  expect(comparable(byShort)).toEqual(comparable(byNode));
  return byShort;
}

describe("beside Node's own server", () => {
  it("reads and answers any sequence of requests, however they are cut and whether they wait for answers, as Node does", async () => {
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        await playOnBoth(scriptOf(plan));
      }),
      { numRuns: 200, interruptAfterTimeLimit: 20_000 },
    );
  }, 40_000);

  it.skipIf(!hasOpenssl())(
    "does so through TLS",
    async () => {
      const folder = createCertificateFolder();
      const files = folder.make("a");
      const tls = { cert: readFileSync(files.certificateFile), key: readFileSync(files.keyFile) };
      const pair = await Promise.all([serve("node", { tls }), serve("short", { tls })]);
      await fc.assert(
        fc.asyncProperty(plans.map(withShortAnswers), async (plan) => {
          await playOnBoth(scriptOf(plan), pair);
        }),
        { numRuns: 30, interruptAfterTimeLimit: 20_000 },
      );
      for (const server of pair) server.stop();
      folder.dispose();
    },
    40_000,
  );

  const get = (target: string, headers = ""): string => `GET ${target} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
  const later = get("/?when=later");
  const soon = get("/?early&when=later");
  const manyHeaders = (count: number, text: string): string =>
    Array.from({ length: count }, (_, index) => `x-${text}-${index}: ${text}\r\n`).join("");
  const trailed = "POST /t HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n";

  it("takes a request that comes byte by byte", async () => {
    const bytes = `${get("/1")}POST /2 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc${trailed}${get("/4")}`;
    const { seen, wasKept } = await playOnBoth({
      reads: Array.from(bytes),
      methods: ["GET", "POST", "POST", "GET"],
    });
    expect([seen.map(({ url }) => url), wasKept]).toEqual([["/1", "/2", "/t", "/4"], true]);
  });

  it("keeps trailers of a request that waits apart from the headers of the next one that came in part", async () => {
    const next = get("/n", manyHeaders(60, "n"));
    const { seen } = await playOnBoth({
      reads: [later + trailed + next.slice(0, -200), next.slice(-200)],
      methods: ["GET", "POST", "GET"],
    });
    expect(seen.map(({ rawHeaders }) => rawHeaders.length)).toEqual([2, 4, 122]);
  });

  it.each<[string, string, string[]]>([
    [
      "headers that the parser tells in parts",
      later + get("/a", manyHeaders(50, "a")) + get("/b", manyHeaders(70, "b")) + get("/c"),
      ["GET", "GET", "GET", "GET"],
    ],
    ["trailers", later + trailed + get("/b", manyHeaders(50, "b")) + trailed, ["GET", "POST", "GET", "POST"]],
    ["many headers and no second one", get("/a", manyHeaders(99, "a")), ["GET"]],
    ["an upgrade to something else", get("/a", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"), ["GET"]],
    ["all of a server", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", ["OPTIONS"]],
    ["an absolute target", get("http://y/a"), ["GET"]],
    ["two hosts", get("/a", "Host: y\r\n"), ["GET"]],
    ["an empty host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", ["GET"]],
    ["no host behind a running answer", `${later}GET /a HTTP/1.1\r\n\r\n`, ["GET", "GET"]],
    ["an expectation that nobody meets", get("/a", "Expect: tea\r\n"), ["GET"]],
    ["empty lines between requests", `${get("/a")}\r\n\r\n${get("/b")}\r\n`, ["GET", "GET"]],
  ])("serves %s", async (_name, bytes, methods) => {
    await playOnBoth({ reads: [bytes], methods });
  });

  it.each<[string, string]>([
    ["alone", "JUNK\r\n\r\n"],
    ["behind an answered request", `${get("/a?early")}JUNK\r\n\r\n`],
    ["behind a running request", `${soon}JUNK\r\n\r\n`],
    ["behind requests that wait", soon + get("/b") + get("/c") + "JUNK\r\n\r\n"],
    ["behind a request that ends the connection", get("/a?early", "Connection: close\r\n") + get("/b")],
    ["behind a running one that ends the connection", soon + get("/a?early", "Connection: close\r\n") + get("/b")],
    [
      "with a length and chunks",
      `${soon}POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
    ],
    ["with two lengths", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"],
    ["with headers that are too long", get("/a?early") + get("/b", `x: ${"a".repeat(17_000)}\r\n`)],
    ["of a chunk", "POST /?early&when=never HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
    ["of HTTP/2", `${get("/a?early")}PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n`],
    ["of a tunnel", "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n"],
  ])("answers malformed bytes %s alike, and ends the connection", async (_name, bytes) => {
    // More answers than ever come: the connection ends before. Requests that wait behind are told to Node's handler, and not to ours.
    const script: Script = { reads: [bytes], methods: Array.from({ length: 9 }, () => "GET") };
    const [byNode, byShort] = await Promise.all([play(node, script), play(short, script)]);
    const read = ({ answers, rest, wasKept }: Played): unknown => comparable({ answers, rest, wasKept, seen: [] });
    expect(read(byShort)).toEqual(read(byNode));
    expect(byShort.wasKept).toBe(false);
    expect(byShort.seen.every(({ closes }) => closes === 1)).toBe(true);
  });
});

describe("what goes the short way", () => {
  const post = (length: number): string => `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n`;

  it("is a request that is whole at the end of a read, however its head came", async () => {
    const server = await start();
    const client = await open(server);
    for (const part of [request("/a"), post(2).slice(0, 20), `${post(2).slice(20)}ab`, post(0)])
      await client.send(part);
    await until(() => server.seen.length === 3);
    expect(server.seen.map(({ request: { wholeBody } }) => wholeBody?.toString())).toEqual(["", "ab", ""]);
  });

  it("is not one whose body goes on: the handler has it at once, and reads a stream", async () => {
    const server = await start();
    const client = await open(server);
    await client.send(`${post(4)}ab`);
    await until(() => server.seen.length === 1);
    expect([server.seen[0]?.request.wholeBody, server.seen[0]?.request.complete]).toEqual([undefined, false]);
    await client.send("cd");
    await until(() => answersOf(client) === 1);
    expect(server.seen[0]?.body).toBe("abcd");
  });
});

describe("a parser that Node uses again", () => {
  const upgrade = request("/", "Connection: Upgrade\r\nUpgrade: websocket\r\n");

  it("knows nothing of a connection that was upgraded and lives on", async () => {
    const server = await start({ onUpgrade: (_request, socket) => void socket.write("taken\r\n\r\n") });
    const other = await start({}, "node");
    const client = await open(server);
    await client.send(request("/1"));
    await until(() => answersOf(client) === 1);
    server.seen.length = 0;
    await client.send(`${upgrade}bytes behind`);
    await until(() => client.text().endsWith("taken\r\n\r\n"));
    const before = client.text();
    // The parser lies on top of Node's store now: the next connection of the process gets it.
    const next = await open(other);
    await next.send(request("/2"));
    await until(() => answersOf(next) === 1);
    const [response] = await once(nodeGet({ port: other.port, host: "127.0.0.1", path: "/3" }), "response");
    expect(response.statusCode).toBe(200);
    expect(other.seen.map(({ url }) => url)).toEqual(["/2", "/3"]);
    expect([server.seen, client.text()]).toEqual([[], before]);
    response.destroy();
  });

  it("serves the next connection, and the one after it", async () => {
    const server = await start();
    for (const name of ["/1", "/2", "/3"]) {
      const client = await open(server);
      await client.send(request(name));
      await until(() => answersOf(client) === 1);
      client.socket.destroy();
      await until(() => client.served.destroyed);
    }
    expect(server.seen.map(({ url, closes, wasFinished }) => [url, closes, wasFinished])).toEqual([
      ["/1", 1, true],
      ["/2", 1, true],
      ["/3", 1, true],
    ]);
  });

  it.each([
    ["ours", request("/?when=never")],
    ["Node's", request("/?when=never").replace("GET", "HEAD")],
  ])(
    "ends a connection on which an upgrade comes behind a running answer of %s, and serves others",
    async (_whose, running) => {
      const server = await start();
      const client = await open(server);
      await client.send(running + upgrade);
      await until(() => client.isClosed() && server.seen[0]?.closes === 1);
      expect([server.seen.length, server.seen[0]?.wasFinished, server.counts.upgrades]).toEqual([1, false, 0]);
      const next = await open(server);
      await next.send(request("/2"));
      await until(() => answersOf(next) === 1);
    },
  );
});

describe("requests behind a running one", () => {
  it("come one by one in their order, whichever way each goes, and later ones of the connection after them", async () => {
    const server = await start({ onRequest: () => undefined });
    const client = await open(server);
    await client.send(
      `${request("/1")}${request("/2")}HEAD /3 HTTP/1.1\r\nHost: x\r\n\r\n${request("/4")}POST /5 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab`,
    );
    expect(server.seen.map(({ url }) => url)).toEqual(["/1"]);
    server.seen[0]?.response.end("1");
    await until(() => server.seen.length === 2);
    server.seen[1]?.response.end("2");
    await until(() => server.seen.length === 5);
    expect(server.seen.map(({ url }) => url)).toEqual(["/1", "/2", "/3", "/4", "/5"]);
    await client.send(`cd${request("/6")}`);
    await until(() => server.seen.length === 6 && server.seen[4]?.body === "abcd");
    for (const { response, url } of server.seen.slice(2).toReversed()) response.end(url);
    const methods = ["GET", "GET", "HEAD", "GET", "POST", "GET"];
    await until(() => answersOf(client, methods) === 6);
    const bodies = readAnswers(client.text(), methods, false).whole.map(({ body }) => body);
    expect(bodies).toEqual(["1", "2", "", "/4", "/5", "/6"]);
  });

  it("are read no further than one read while they wait, and all are served", async () => {
    const server = await start({ onRequest: () => undefined });
    const client = await open(server);
    const count = 20_000;
    client.socket.write(Array.from({ length: count }, (_, index) => request(`/${index}`)).join(""));
    let read = 0;
    for (let served = 0; served < count; served += 1) {
      await until(() => server.seen.length > served);
      if (served === 0) read = client.served.bytesRead;
      server.seen[served]?.response.end();
    }
    expect(read).toBeLessThanOrEqual(64 * 1024);
    await until(() => server.seen.at(-1)?.closes === 1);
    expect(server.seen.map(({ url }) => url)).toEqual(Array.from({ length: count }, (_, index) => `/${index}`));
  });

  it("hold a long body back that nobody reads", async () => {
    const server = await start({ onRequest: () => undefined });
    const client = await open(server);
    const size = 32 * 1024 * 1024;
    client.socket.write(`${request("/1")}POST /2?early HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
    client.socket.write(Buffer.alloc(size));
    await until(() => server.seen.length === 1);
    server.seen[0]?.response.end();
    await until(() => server.seen.length === 2 && server.seen[1]?.request.readableLength !== 0);
    const isPaused = (): boolean => (client.served as { _handle?: { reading?: boolean } })._handle?.reading === false;
    await until(isPaused);
    expect(server.seen[1]?.request.readableLength).toBeLessThan(1024 * 1024);
    let length = 0;
    server.seen[1]?.request.on("data", (chunk) => (length += chunk.length));
    await until(() => length === size);
  });
});
