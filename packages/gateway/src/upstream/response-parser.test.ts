import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { MAX_EXTENSION_BYTES, MAX_TRAILER_BYTES } from "./chunk-decoder.ts";
import { MAX_HEAD_BYTES } from "./head-scanner.ts";
import { MAX_RESPONSE_HEADERS } from "./parse-response-head.ts";
import { MAX_INFORMATIONAL, ResponseParser, type AskedKind } from "./response-parser.ts";
import type { ResponseHead } from "./upstream.ts";

/** All that a parser says about some bytes: comparable, whatever the reads were. */
interface Reading {
  readonly heads: readonly (readonly [string, number, string, ...string[]])[];
  readonly body: string;
  readonly fault: string | undefined;
  readonly isComplete: boolean;
  readonly keepsAlive: boolean;
  /** Bytes behind the response. */
  readonly rest: number;
}

/** Reads pieces as a connection does; `sizes` are the reads' lengths, the last one is repeated. Each read overwrites the one before. */
function read(
  bytes: Buffer,
  {
    asked = "ordinary",
    sizes = [bytes.length || 1],
    isEnded = false,
  }: { asked?: AskedKind; sizes?: readonly number[]; isEnded?: boolean } = {},
): Reading {
  const heads: [string, number, string, ...string[]][] = [];
  const body: Buffer[] = [];
  const entry = (kind: string, { status, statusText, headers }: ResponseHead): void =>
    void heads.push([kind, status, statusText, ...headers]);
  const parser = new ResponseParser({
    onInformation: (head) => entry("information", head),
    onHead: (head) => entry("head", head),
    onBody: (from, start, end) => void body.push(Buffer.from(from.subarray(start, end))),
  });
  parser.reset(asked);
  const shared = Buffer.alloc(bytes.length + 1, "?");
  let at = 0;
  let rest = 0;
  for (let index = 0; at < bytes.length && parser.fault === undefined; index += 1) {
    const size = Math.max(1, sizes[Math.min(index, sizes.length - 1)] ?? 1);
    const length = bytes.copy(shared, 0, at, at + size);
    const used = parser.execute(shared, 0, length);
    rest += length - used;
    at += length;
    shared.fill("?", 0, length);
  }
  const isComplete = isEnded && parser.fault === undefined ? parser.finish() : parser.isComplete;
  if (parser.switched) entry("switched", parser.switched);
  const { fault, keepsAlive } = parser;
  return { heads, body: Buffer.concat(body).toString("latin1"), fault, isComplete, keepsAlive, rest: fault ? 0 : rest };
}

const text = (value: string): Buffer => Buffer.from(value, "latin1");
const OK = "HTTP/1.1 200 OK\r\n";

describe("a response", () => {
  it("by length gives its head as received, its bytes and what is behind it", () => {
    const reading = read(text(`${OK}X-One:  a b\t\r\nx-one:\r\nContent-Length: 5\r\n\r\nhelloHTTP`));
    expect(reading).toEqual({
      heads: [["head", 200, "OK", "X-One", "a b", "x-one", "", "Content-Length", "5"]],
      body: "hello",
      fault: undefined,
      isComplete: true,
      keepsAlive: true,
      rest: 4,
    });
  });

  it("in chunks is joined; extensions and trailers are dropped", () => {
    const reading = read(
      text(`${OK}Transfer-Encoding: Chunked\r\n\r\n5;a="b\tc"\r\nhello\r\n00A\r\n, world!!!\r\n0\r\nX-T: 1\r\n\r\n`),
    );
    expect([reading.body, reading.isComplete, reading.keepsAlive, reading.rest]).toEqual([
      "hello, world!!!",
      true,
      true,
      0,
    ]);
  });

  it("without length and chunks ends with its connection, and only then", () => {
    const bytes = text(`${OK}\r\nall of it`);
    expect(read(bytes)).toMatchObject({ body: "all of it", isComplete: false });
    expect(read(bytes, { isEnded: true })).toMatchObject({ body: "all of it", isComplete: true, keepsAlive: false });
  });

  it.each([
    ["by length", `${OK}content-length: 5\r\n\r\nhell`],
    ["in chunks, in one", `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhell`],
    ["in chunks, between two", `${OK}transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n`],
    ["in chunks, in its trailers", `${OK}transfer-encoding: chunked\r\n\r\n0\r\n`],
    ["in its head", `${OK}content-le`],
  ])("%s that is cut is not complete", (_name, bytes) => {
    expect(read(text(bytes), { isEnded: true })).toMatchObject({ isComplete: false, fault: undefined });
  });

  it.each([
    ["HEAD", "head", `${OK}content-length: 5\r\n\r\n`],
    ["HEAD with chunks", "head", `${OK}transfer-encoding: chunked\r\n\r\n`],
    ["204", "ordinary", "HTTP/1.1 204 No Content\r\n\r\n"],
    ["304 with a length", "ordinary", "HTTP/1.1 304 Not Modified\r\ncontent-length: 99\r\n\r\n"],
  ] as const)("to %s has no body", (_name, asked, bytes) => {
    const next = "HTTP/1.1 200";
    expect(read(text(bytes + next), { asked })).toMatchObject({
      body: "",
      isComplete: true,
      keepsAlive: true,
      rest: next.length,
    });
  });

  it("may be preceded by informational ones; 100 is nobody's business", () => {
    const hints = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    const { heads, isComplete } = read(text(`HTTP/1.1 100 Continue\r\n\r\n${hints}${OK}content-length: 0\r\n\r\n`));
    expect([heads.map(([kind, status]) => [kind, status]), isComplete]).toEqual([
      [
        ["information", 103],
        ["head", 200],
      ],
      true,
    ]);
  });

  it("that switches protocols hands out what is behind it", () => {
    const switched = text("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\nbytes");
    const { heads, rest, fault } = read(switched, { asked: "upgrade" });
    expect([heads, rest, fault]).toEqual([[["switched", 101, "Switching Protocols", "upgrade", "x"]], 5, undefined]);
    expect(read(switched).fault).toBe("FB_UPSTREAM_SWITCHED_PROTOCOLS");
  });

  it.each([
    ["HTTP/1.1", "", true],
    ["HTTP/1.1", "Connection: close", false],
    ["HTTP/1.1", "Connection: X, Close", false],
    ["HTTP/1.1", "Connection: close\r\nConnection: keep-alive", false],
    ["HTTP/1.0", "", false],
    ["HTTP/1.0", "Connection: Keep-Alive", true],
  ])("of %s with '%s' keeps its connection: %s", (version, header, keepsAlive) => {
    const lines = header === "" ? "" : `${header}\r\n`;
    expect(read(text(`${version} 200 OK\r\n${lines}content-length: 0\r\n\r\n`)).keepsAlive).toBe(keepsAlive);
  });

  it.each(["HTTP/1.1 200\r\n\r\n", "HTTP/1.1 200 \r\n\r\n", "HTTP/1.1 599 \xe9t\xe9\r\n\r\n"])(
    "may begin with %j",
    (bytes) => {
      expect(read(text(bytes)).fault).toBeUndefined();
    },
  );
});

describe("what is refused", () => {
  const chunked = (rest: string): string => `${OK}transfer-encoding: chunked\r\n\r\n${rest}`;
  const rows = [
    ["HTTP/1.1 20 OK\r\n\r\n", "FB_UPSTREAM_STATUS_LINE"],
    ["HTTP/1.1 2000 OK\r\n\r\n", "FB_UPSTREAM_STATUS_LINE"],
    ["HTTP/1.1 099 No\r\n\r\n", "FB_UPSTREAM_STATUS_LINE"],
    ["HTTP/1.1  200 OK\r\n\r\n", "FB_UPSTREAM_STATUS_LINE"],
    ["HTTP/1.2 200 OK\r\n\r\n", "FB_UPSTREAM_STATUS_LINE"],
    ["HTTP/2 200 OK\r\n\r\n", "FB_UPSTREAM_STATUS_LINE"],
    ["\r\nHTTP/1.1 200 OK\r\n\r\n", "FB_UPSTREAM_STATUS_LINE"],
    ["SSH-2.0-x", "FB_UPSTREAM_STATUS_LINE"],
    ["HTTP/1.1 200 OK\n\n", "FB_UPSTREAM_BARE_LF"],
    [`${OK}a: b\nc: d\r\n\r\n`, "FB_UPSTREAM_BARE_LF"],
    [`${OK}a: b\rc\r\n\r\n`, "FB_UPSTREAM_CONTROL_BYTE"],
    [`${OK}a: b\r\r\n\r\n`, "FB_UPSTREAM_CONTROL_BYTE"],
    [`${OK}a: \0\r\n\r\n`, "FB_UPSTREAM_CONTROL_BYTE"],
    [`${OK}a\0: b\r\n\r\n`, "FB_UPSTREAM_CONTROL_BYTE"],
    [`${OK}a: \x7f\r\n\r\n`, "FB_UPSTREAM_CONTROL_BYTE"],
    [`${OK}a : b\r\n\r\n`, "FB_UPSTREAM_HEADER"],
    [`${OK}: b\r\n\r\n`, "FB_UPSTREAM_HEADER"],
    [`${OK}a\r\nb: c\r\n\r\n`, "FB_UPSTREAM_HEADER"],
    [`${OK}\xe9: b\r\n\r\n`, "FB_UPSTREAM_HEADER"],
    [`${OK}a: b\r\n c\r\n\r\n`, "FB_UPSTREAM_OBS_FOLD"],
    [`${OK}\ta: b\r\n\r\n`, "FB_UPSTREAM_OBS_FOLD"],
    [`${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n`, "FB_UPSTREAM_LENGTH_AND_ENCODING"],
    [`${OK}content-length: 5\r\nContent-Length: 6\r\n\r\n`, "FB_UPSTREAM_CONTENT_LENGTH"],
    [`${OK}content-length: 5, 5\r\n\r\n`, "FB_UPSTREAM_CONTENT_LENGTH"],
    [`${OK}content-length: +5\r\n\r\n`, "FB_UPSTREAM_CONTENT_LENGTH"],
    [`${OK}content-length: -5\r\n\r\n`, "FB_UPSTREAM_CONTENT_LENGTH"],
    [`${OK}content-length: 0x5\r\n\r\n`, "FB_UPSTREAM_CONTENT_LENGTH"],
    [`${OK}content-length: \r\n\r\n`, "FB_UPSTREAM_CONTENT_LENGTH"],
    [`${OK}content-length: 9999999999999999\r\n\r\n`, "FB_UPSTREAM_CONTENT_LENGTH"],
    [`${OK}transfer-encoding: gzip, chunked\r\n\r\n`, "FB_UPSTREAM_TRANSFER_ENCODING"],
    [`${OK}transfer-encoding: identity\r\n\r\n`, "FB_UPSTREAM_TRANSFER_ENCODING"],
    [`${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`, "FB_UPSTREAM_TRANSFER_ENCODING"],
    [`${OK}transfer-encoding: xchunked\r\n\r\n`, "FB_UPSTREAM_TRANSFER_ENCODING"],
    ["HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", "FB_UPSTREAM_TRANSFER_ENCODING"],
    [chunked("\r\n"), "FB_UPSTREAM_CHUNK"],
    [chunked("x\r\n"), "FB_UPSTREAM_CHUNK"],
    [chunked("0x5\r\nhello\r\n"), "FB_UPSTREAM_CHUNK"],
    [chunked("-5\r\n"), "FB_UPSTREAM_CHUNK"],
    [chunked("5 \r\nhello\r\n"), "FB_UPSTREAM_CHUNK"],
    [chunked("5\nhello\r\n"), "FB_UPSTREAM_CHUNK"],
    [chunked("5;a\nb\r\nhello\r\n"), "FB_UPSTREAM_CHUNK"],
    [chunked("5\r\nhello!\r\n"), "FB_UPSTREAM_CHUNK"],
    [chunked("5\r\nhello\n"), "FB_UPSTREAM_CHUNK"],
    [chunked("1000000000000\r\n"), "FB_UPSTREAM_CHUNK"],
    [chunked("0\r\na: b\n\r\n"), "FB_UPSTREAM_CHUNK"],
    [chunked("0\r\n\rX"), "FB_UPSTREAM_CHUNK"],
    [chunked(`5;${"x".repeat(MAX_EXTENSION_BYTES + 1)}\r\n`), "FB_UPSTREAM_CHUNK_EXTENSIONS_TOO_LARGE"],
    [chunked(`1;${"x".repeat(1_000)}\r\na\r\n`.repeat(17)), "FB_UPSTREAM_CHUNK_EXTENSIONS_TOO_LARGE"],
    [chunked(`0\r\n${"a: b\r\n".repeat(MAX_TRAILER_BYTES / 4 + 1)}`), "FB_UPSTREAM_TRAILERS_TOO_LARGE"],
    [`${OK}a: ${"x".repeat(MAX_HEAD_BYTES)}`, "FB_UPSTREAM_HEAD_TOO_LARGE"],
    [`${OK}${"a:\r\n".repeat(MAX_RESPONSE_HEADERS + 1)}\r\n`, "FB_UPSTREAM_TOO_MANY_HEADERS"],
    ["HTTP/1.1 102 P\r\n\r\n".repeat(MAX_INFORMATIONAL + 1), "FB_UPSTREAM_TOO_MANY_HEADS"],
  ] as const;
  it.each(rows.map(([bytes, fault]) => ({ name: bytes.replace(OK, "").slice(0, 50), bytes, fault })))(
    "$name",
    ({ bytes, fault }) => {
      expect(read(text(bytes), { isEnded: true })).toMatchObject({ fault, isComplete: false });
      expect(read(text(bytes), { sizes: [1], isEnded: true })).toMatchObject({ fault, isComplete: false });
    },
  );

  it("is nothing at the bounds", () => {
    expect(read(text(`${OK}${"a:\r\n".repeat(MAX_RESPONSE_HEADERS)}\r\n`)).fault).toBeUndefined();
    const line = `${OK}a: `;
    const longest = `${line}${"x".repeat(MAX_HEAD_BYTES - line.length - 4)}\r\n\r\n`;
    expect(read(text(longest)).heads).toHaveLength(1);
    expect(read(text(longest.replace("x", "xx"))).fault).toBe("FB_UPSTREAM_HEAD_TOO_LARGE");
  });

  it("is not a length that is said twice the same; it is passed on once", () => {
    const { heads, body } = read(text(`${OK}content-length: 2\r\nContent-Length: 2\r\n\r\nok`));
    expect([heads, body]).toEqual([[["head", 200, "OK", "content-length", "2"]], "ok"]);
  });
});

/** Responses that are right, made of parts. */
const token = fc
  .stringMatching(/^[!#$%&'*+.^_`|~A-Za-z0-9-]{1,12}$/)
  .filter((name) => !/^(content-length|transfer-encoding)$/i.test(name));
const value = fc.stringMatching(/^([!-~\xa0-\xff]([\t -~]{0,20}[!-~])?)?$/);
const header = fc.tuple(token, value).map(([name, content]) => `${name}: ${content}\r\n`);
const content = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("latin1"));
const chunkText = fc
  .tuple(
    content.filter((bytes) => bytes.length > 0),
    fc.option(token),
  )
  .map(
    ([bytes, extension]) => `${bytes.length.toString(16)}${extension === null ? "" : `;${extension}`}\r\n${bytes}\r\n`,
  );
const framed = fc.oneof(
  content.map((bytes) => `content-length: ${bytes.length}\r\n\r\n${bytes}`),
  fc
    .array(chunkText, { maxLength: 6 })
    .map((chunks) => `transfer-encoding: chunked\r\n\r\n${chunks.join("")}0\r\n\r\n`),
  content.map((bytes) => `\r\n${bytes}`),
);
const goodResponse = fc
  .tuple(
    fc.constantFrom("", "HTTP/1.1 102 P\r\n\r\n"),
    fc.integer({ min: 200, max: 599 }),
    fc.array(header, { maxLength: 8 }),
    framed,
  )
  .map(([before, status, headers, rest]) => text(`${before}HTTP/1.1 ${status} Said\r\n${headers.join("")}${rest}`));
const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 30 });
const mutation = fc.record({
  at: fc.nat(),
  byte: fc.oneof(fc.nat(255), fc.constantFrom(0, 9, 10, 13, 32, 48, 58, 59)),
  kind: fc.constantFrom("set", "insert", "remove"),
});

function mutate(bytes: Buffer, mutations: readonly { at: number; byte: number; kind: string }[]): Buffer {
  const list = [...bytes];
  for (const { at, byte, kind } of mutations) {
    const index = at % (list.length + 1);
    if (kind === "set") list[index] = byte;
    else list.splice(index, kind === "remove" ? 1 : 0, ...(kind === "remove" ? [] : [byte]));
  }
  return Buffer.from(list);
}

describe("any bytes", () => {
  it("of a good response mean the same however they are cut into reads", () => {
    fc.assert(
      fc.property(goodResponse, cuts, (bytes, sizes) => {
        const whole = read(bytes, { isEnded: true });
        expect(whole.fault).toBeUndefined();
        expect(read(bytes, { sizes, isEnded: true })).toEqual(whole);
        expect(read(bytes, { sizes: [1], isEnded: true })).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it("that were damaged neither throw nor hang, and mean the same however they are cut into reads", () => {
    const asked = fc.constantFrom<AskedKind>("ordinary", "head", "upgrade", "connect");
    fc.assert(
      fc.property(
        goodResponse,
        fc.array(mutation, { minLength: 1, maxLength: 4 }),
        cuts,
        asked,
        (bytes, mutations, sizes, kind) => {
          const damaged = mutate(bytes, mutations);
          const whole = read(damaged, { asked: kind, isEnded: true });
          expect(read(damaged, { asked: kind, sizes, isEnded: true })).toEqual(whole);
          expect(read(damaged, { asked: kind, sizes: [1], isEnded: true })).toEqual(whole);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("of a head that comes byte by byte cost linear time and 64 KiB", () => {
    const parser = new ResponseParser({
      onInformation: () => undefined,
      onHead: () => undefined,
      onBody: () => undefined,
    });
    parser.reset("ordinary");
    const bytes = text(`${OK}a: ${"x".repeat(MAX_HEAD_BYTES * 2)}`);
    let used = 0;
    while (parser.fault === undefined) used = parser.execute(bytes, used, used + 1);
    expect(parser.fault).toBe("FB_UPSTREAM_HEAD_TOO_LARGE");
    expect(used).toBeLessThanOrEqual(MAX_HEAD_BYTES + 1);
  });
});
