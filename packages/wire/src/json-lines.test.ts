import { once } from "node:events";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dialJsonLines } from "./dial-json-lines.ts";
import { MAX_UNSENT_BYTES, wrapJsonLines, type JsonLinesConnection } from "./json-lines.ts";
import { createLineSplitter } from "./line-splitter.ts";
import { listenJsonLines } from "./listen-json-lines.ts";

let folder: string;
let path: string;
const cleanups: (() => unknown)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "fb-wire-"));
  path = join(folder, "s.sock");
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  await rm(folder, { recursive: true });
});

async function listening(onConnection: (connection: JsonLinesConnection) => void = () => {}): Promise<void> {
  const listener = await listenJsonLines(path, onConnection);
  cleanups.push(() => listener.close());
}

function nextMessage(connection: JsonLinesConnection): Promise<unknown> {
  return new Promise((resolve, reject) => {
    connection.onMessage(resolve);
    connection.onClose((error) => reject(error ?? new Error("closed")));
  });
}

function closeOf(connection: JsonLinesConnection): Promise<Error | undefined> {
  return new Promise((resolve) => connection.onClose(resolve));
}

describe("a line splitter", () => {
  it("gives the same lines however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: "grapheme" }).map((text) => text.replaceAll("\n", ""))),
        fc.array(fc.nat()),
        (lines, cuts) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
          const seen: string[] = [];
          const splitter = createLineSplitter({
            maxLineBytes: 1e6,
            onLine: (line) => seen.push(line.toString()),
            onOverflow: () => expect.unreachable(),
          });
          const points = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].toSorted((a, b) => a - b);
          let from = 0;
          for (const point of [...points, bytes.length]) {
            splitter.push(bytes.subarray(from, point));
            from = point;
          }
          expect(seen).toEqual(lines);
          expect(splitter.flush().length).toBe(0);
        },
      ),
    );
  });

  it("reports a too long line once and then drops everything", () => {
    let overflows = 0;
    const seen: string[] = [];
    const splitter = createLineSplitter({
      maxLineBytes: 4,
      onLine: (line) => seen.push(line.toString()),
      onOverflow: () => (overflows += 1),
    });
    splitter.push(Buffer.from("1234\n12345\nab\n"));
    splitter.push(Buffer.from("123456789\n"));
    expect({ overflows, seen }).toEqual({ overflows: 1, seen: ["1234"] });
  });
});

describe("a JSON lines connection", () => {
  it("carries messages both ways, in order", async () => {
    await listening((connection) => connection.onMessage((message) => connection.send({ echo: message })));
    const connection = await dialJsonLines(path);
    const seen: unknown[] = [];
    const done = new Promise<void>((resolve) =>
      connection.onMessage((message) => seen.push(message) === 3 && resolve()),
    );
    for (const text of ["一", "\n", "x".repeat(200_000)]) connection.send(text);
    await done;
    expect(seen).toEqual([{ echo: "一" }, { echo: "\n" }, { echo: "x".repeat(200_000) }]);
    connection.close();
    expect(await closeOf(connection)).toBeUndefined();
  });

  it("keeps what arrives before the first listener", async () => {
    await listening((connection) => connection.send("early"));
    const connection = await dialJsonLines(path);
    await once(connectRaw(), "data");
    expect(await nextMessage(connection)).toBe("early");
  });

  it.each([
    ["no JSON", "nonsense\n", /not JSON/],
    ["broken UTF-8", Buffer.from([0x22, 0xff, 0xfe, 0x22, 0x0a]), /not JSON in UTF-8/],
    ["a line that never ends", "x".repeat(2_000), /longer than 1000/],
  ])("closes with an error on %s", async (_name, bytes, expected) => {
    const server = createServer((socket) => socket.write(bytes));
    cleanups.push(() => server.close());
    await once(server.listen(path), "listening");
    const socket = connectRaw();
    expect((await closeOf(wrapJsonLines(socket, { maxLineBytes: 1_000 })))?.message).toMatch(expected);
  });

  it("closes when the peer does not read", async () => {
    const server = createServer(() => {});
    cleanups.push(() => server.close());
    await once(server.listen(path), "listening");
    const connection = await dialJsonLines(path);
    const closed = closeOf(connection);
    for (let sent = 0; sent <= MAX_UNSENT_BYTES + 2_000_000; sent += 1_000_000) connection.send("x".repeat(1_000_000));
    expect((await closed)?.message).toMatch(/unread/);
  });

  it("sends what waits before it closes", async () => {
    const received = new Promise<unknown>(
      (resolve) => void listening((peer) => peer.onMessage(resolve)).catch(resolve),
    );
    await expect.poll(() => stat(path).catch(() => null)).not.toBeNull();
    const connection = await dialJsonLines(path);
    connection.send("x".repeat(1_000_000));
    connection.close();
    connection.send("too late");
    expect(await received).toHaveLength(1_000_000);
  });

  it("rejects a dial whose signal aborts, and one that finds nobody", async () => {
    await expect(dialJsonLines(path)).rejects.toMatchObject({ code: "ENOENT" });
    await expect(dialJsonLines(path, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  });
});

describe("a JSON lines listener", () => {
  it("makes a socket that only its user may open and removes it at the end", async () => {
    const listener = await listenJsonLines(path, () => {});
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await listener.close();
    await expect(stat(path)).rejects.toMatchObject({ code: "ENOENT" });
  });

  it("replaces the file of a dead process", async () => {
    await writeFile(path, "");
    await listening((connection) => connection.send("hello"));
    expect(await nextMessage(await dialJsonLines(path))).toBe("hello");
  });

  it("refuses while another answers, and leaves that one alone", async () => {
    await listening((connection) => connection.send("first"));
    await expect(listenJsonLines(path, () => {})).rejects.toMatchObject({ code: "EADDRINUSE" });
    expect(await nextMessage(await dialJsonLines(path))).toBe("first");
  });

  it("lets exactly one of many that start at once have the path, again and again", async () => {
    for (let round = 0; round < 20; round += 1) {
      await writeFile(path, "");
      const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => listenJsonLines(path, () => {})));
      const winners = outcomes.filter((outcome) => outcome.status === "fulfilled");
      expect(winners).toHaveLength(1);
      (await dialJsonLines(path)).close();
      for (const winner of winners) await winner.value.close();
    }
    expect(await readdir(folder)).toEqual([]);
  });
});

function connectRaw(): Socket {
  const socket = connect(path);
  cleanups.push(() => socket.destroy());
  return socket;
}
