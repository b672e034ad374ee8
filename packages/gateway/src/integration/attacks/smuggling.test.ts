// Attacks 15 and 16: one request that two programs read as two, and line ends where none may be.
import { connect } from "node:net";
import { once } from "node:events";
import { NO_LIMITS } from "@flyball/core";
import { DEFAULT_MODEL } from "@flyball/fakes";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { settledRecords } from "../../testdata/settled-records.ts";
import { key, model } from "../../testdata/snapshots.ts";
import { raw, send } from "../../testdata/test-client.ts";
import { attackSnapshot, KEY, KEY_SECRET_VALUE, startAttackRig, type AttackRig } from "./testdata/attack-rig.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const LISTENERS = ["public", "admin"] as const;
let attack: AttackRig;
let version = 1;

beforeAll(async () => {
  attack = await startAttackRig({ listeners: LISTENERS, parts: { listeners: LISTENERS } });
});
afterAll(() => attack.dispose());
beforeEach(() => {
  attack.upstream.reset();
  arrived();
});

const HOST = "Host: x\r\n";
/** What an attacker hides behind a request. */
const HIDDEN = `GET /hidden HTTP/1.1\r\n${HOST}\r\n`;
const CHUNKED = "Transfer-Encoding: chunked\r\n";

/** How long a connection says nothing before it is taken to wait for more. */
const SILENCE_MS = 300;

/** Sends bytes and collects everything that comes back until the connection closes or says nothing any more. */
async function exchange(bytes: string): Promise<string> {
  const socket = connect(attack.port, "127.0.0.1");
  let text = "";
  socket.on("data", (chunk) => (text += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  socket.setTimeout(SILENCE_MS, () => socket.destroy());
  socket.write(bytes, "latin1");
  await once(socket, "close");
  // What was sent up before has arrived when this has: both take the same way.
  await send({ port: attack.port, path: "/settled" });
  await attack.upstream.until(({ open }) => open === 0);
  return text;
}

const arrived = () => attack.arrived().filter(({ url }) => url !== "/settled");

const answersIn = (text: string): number[] =>
  [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]));

describe("15: one request in is at most one request up", () => {
  it.each([
    [
      "a length and chunks",
      `POST / HTTP/1.1\r\n${HOST}Content-Length: ${5 + HIDDEN.length}\r\n${CHUNKED}\r\n0\r\n\r\n${HIDDEN}`,
    ],
    ["chunks and a length", `POST / HTTP/1.1\r\n${HOST}${CHUNKED}Content-Length: 4\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ["chunked twice", `POST / HTTP/1.1\r\n${HOST}${CHUNKED}${CHUNKED}\r\n0\r\n\r\n${HIDDEN}`],
    ["chunked, then a word", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, x\r\n\r\n0\r\n\r\n${HIDDEN}`],
    [
      "a word, then chunked",
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 0\r\nTransfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    ["chunked in quotes", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n${HIDDEN}`],
    [
      "chunked behind a vertical tab",
      `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    ["chunked before a NUL", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\0\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ["a folded encoding", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ["a name with a space", `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ["a name with a tab before it", `POST / HTTP/1.1\r\n${HOST}\tTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ["two lengths", `POST / HTTP/1.1\r\n${HOST}Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`],
    ["two lengths in one line", `POST / HTTP/1.1\r\n${HOST}Content-Length: 0, ${HIDDEN.length}\r\n\r\n${HIDDEN}`],
    ["a signed length", `POST / HTTP/1.1\r\n${HOST}Content-Length: +0\r\n\r\n${HIDDEN}`],
    ["a length with an underscore", `POST / HTTP/1.1\r\n${HOST}Content-Length: 0_0\r\n\r\n${HIDDEN}`],
    ["a length beyond all numbers", `POST / HTTP/1.1\r\n${HOST}Content-Length: 18446744073709551616\r\n\r\n${HIDDEN}`],
    ["a negative length", `POST / HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\n${HIDDEN}`],
    ["a chunk size with a sign", `POST / HTTP/1.1\r\n${HOST}${CHUNKED}\r\n+0\r\n\r\n${HIDDEN}`],
    ["a chunk size with 0x", `POST / HTTP/1.1\r\n${HOST}${CHUNKED}\r\n0x0\r\n\r\n${HIDDEN}`],
    ["a chunk size beyond all numbers", `POST / HTTP/1.1\r\n${HOST}${CHUNKED}\r\n10000000000000000\r\n\r\n${HIDDEN}`],
    ["a chunk size before a space", `POST / HTTP/1.1\r\n${HOST}${CHUNKED}\r\n0 \r\n\r\n${HIDDEN}`],
    ["a chunk that ends early", `POST / HTTP/1.1\r\n${HOST}${CHUNKED}\r\n5\r\nabc\r\n0\r\n\r\n${HIDDEN}`],
    [
      "a chunk line that ends with a bare line feed",
      `POST / HTTP/1.1\r\n${HOST}${CHUNKED}\r\n5\nhello\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      "a chunk extension with a bare line feed",
      `POST / HTTP/1.1\r\n${HOST}${CHUNKED}\r\n5;a\nhello\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      "a bare line feed between headers",
      `POST / HTTP/1.1\r\n${HOST}X: 1\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    [
      "a bare carriage return in a header",
      `POST / HTTP/1.1\r\n${HOST}X: 1\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    ["headers that end with bare line feeds", `POST / HTTP/1.1\n${HOST}Content-Length: 0\n\n${HIDDEN}`],
    ["a folded header", `GET / HTTP/1.1\r\n${HOST}X: a\r\n Content-Length: 30\r\n\r\n${HIDDEN}`],
    ["chunks in HTTP/1.0", `POST / HTTP/1.0\r\n${HOST}${CHUNKED}Content-Length: 3\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ["a version that does not exist", `GET / HTTP/1.9\r\n${HOST}\r\n${HIDDEN}`],
    ["two hosts", `GET / HTTP/1.1\r\n${HOST}Host: y\r\nConnection: close\r\n\r\n${HIDDEN}`],
  ])("%s", async (_name, bytes) => {
    const text = await exchange(bytes);
    const requests = arrived();
    expect(requests.map(({ url }) => url).filter((url) => url === "/hidden")).toEqual([]);
    expect(requests.length).toBeLessThanOrEqual(1);
    expect(answersIn(text).filter((status) => status < 400)).toEqual([]);
    // What it took for a request was never whole.
    expect(requests.filter(({ isExecuted }) => isExecuted)).toEqual([]);
  });

  it.each(["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "GET", "PROPFIND"])(
    "%s with chunks goes up as one request with that body, and the next one as itself",
    async (method) => {
      const first = `${method} /first HTTP/1.1\r\n${HOST}${CHUNKED}\r\n${HIDDEN.length.toString(16)};ext=1\r\n${HIDDEN}\r\n0\r\n\r\n`;
      const text = await exchange(`${first}GET /second HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`);
      expect(answersIn(text)).toEqual([200, 200]);
      expect(arrived().map(({ url, body }) => [url, body.toString()])).toEqual([
        ["/first", HIDDEN],
        ["/second", ""],
      ]);
    },
  );

  it("a body with a length on GET, DELETE and OPTIONS stays that request's body", async () => {
    for (const method of ["GET", "DELETE", "OPTIONS"]) {
      const text = await exchange(
        `${method} /first HTTP/1.1\r\n${HOST}Content-Length: ${HIDDEN.length}\r\nConnection: close\r\n\r\n${HIDDEN}`,
      );
      expect(answersIn(text)).toEqual([200]);
      expect(arrived().map(({ url, body }) => [url, body.toString()])).toEqual([["/first", HIDDEN]]);
    }
  });

  it.each(["content-length", "transfer-encoding, content-length", "host", "x-forwarded-for", "close, content-length"])(
    "Connection: %s takes no framing and no identity away",
    async (named) => {
      await exchange(
        `POST / HTTP/1.1\r\n${HOST}Connection: ${named}\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`,
      );
      const requests = arrived();
      expect(requests.map(({ url, body }) => [url, body.toString()])).toEqual([["/", HIDDEN]]);
      expect(requests[0]?.headers).toMatchObject({ host: "x", "x-forwarded-for": "127.0.0.1" });
    },
  );

  it.each(["100-continue", "100-Continue", "200-ok", "100-continue, 100-continue"])(
    "Expect: %s leads to one request at most, and goes no further",
    async (expectation) => {
      await exchange(
        `POST / HTTP/1.1\r\n${HOST}Expect: ${expectation}\r\nContent-Length: ${HIDDEN.length}\r\nConnection: close\r\n\r\n${HIDDEN}`,
      );
      const requests = arrived();
      expect(requests.length).toBeLessThanOrEqual(1);
      for (const { headers, body } of requests) expect([headers.expect, body.toString()]).toEqual([undefined, HIDDEN]);
    },
  );

  it("headers of one hop do not pass: TE, Trailer, Keep-Alive, Proxy-Connection, Upgrade, HTTP2-Settings where it is named", async () => {
    await exchange(
      `GET / HTTP/1.1\r\n${HOST}Connection: keep-alive, HTTP2-Settings, X-Hop\r\nX-Hop: 1\r\nHTTP2-Settings: x\r\nTE: trailers\r\n` +
        `Trailer: X\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nProxy-Authorization: x\r\nUpgrade: h2c\r\n\r\n`,
    );
    const seen = arrived()[0]?.headers ?? {};
    for (const gone of [
      "x-hop",
      "http2-settings",
      "te",
      "trailer",
      "keep-alive",
      "proxy-connection",
      "proxy-authorization",
      "upgrade",
    ]) {
      expect(seen).not.toHaveProperty(gone);
    }
  });

  it("trailers are not made headers", async () => {
    await exchange(
      `POST / HTTP/1.1\r\n${HOST}${CHUNKED}Trailer: X-Late\r\n\r\n1\r\na\r\n0\r\nX-Late: 1\r\nX-Later: 9\r\n\r\n`,
    );
    const [seen] = arrived();
    expect(seen?.body.toString()).toBe("a");
    expect(seen?.headers).not.toHaveProperty("x-late");
    expect(seen?.headers).not.toHaveProperty("x-later");
  });

  it("pipelined requests are answered in their order", async () => {
    attack.upstream.set({ respond: ({ url }) => ({ status: 200, headers: {}, body: url }) });
    const text = await exchange(["/1", "/2", "/3"].map((path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`).join(""));
    expect(
      text
        .split("\r\n\r\n")
        .slice(1)
        .map((part) => part.slice(0, 2)),
    ).toEqual(["/1", "/2", "/3"]);
  });

  it("garbage behind a request never mixes with the answer that is on its way", async () => {
    attack.upstream.set({ slow: { bytes: 1, everyMs: 20 }, body: "0123456789" });
    const socket = connect(attack.port, "127.0.0.1");
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      if (text.includes("01")) socket.write("\0\0garbage\r\n\r\n");
    });
    socket.on("error", () => undefined);
    socket.write(`GET / HTTP/1.1\r\n${HOST}\r\n`);
    await once(socket, "close");
    expect(answersIn(text)).toEqual([200]);
  });
});

describe("16: no value brings a line of its own", () => {
  const EVIL = "a\r\nX-Evil: 1\r\n\r\nGET /hidden HTTP/1.1";

  it.each([
    ["the model of a call", { model: EVIL, messages: [] }],
    ["the model with a NUL", { model: "chat\0", messages: [] }],
  ])("%s", async (_name, body) => {
    const reply = await send({
      port: attack.port,
      path: "/v1/chat/completions",
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect([reply.status, reply.json().error.code]).toEqual([404, "FB_GATEWAY_MODEL_NOT_FOUND"]);
    expect(reply.headers["x-evil"]).toBeUndefined();
    expect(arrived()).toHaveLength(0);
  });

  it("an encoded line end in a path stays encoded or is refused, and makes no header and no log line", async () => {
    for (const path of ["/a%0d%0aX-Evil:%201", "/a%0aGET%20/hidden", "/v1/models/x%0d%0aX-Evil:1"]) {
      const reply = await send({ port: attack.port, path, headers: { authorization: `Bearer ${KEY}` } });
      expect(reply.headers["x-evil"]).toBeUndefined();
      expect(reply.status).toBe(400);
    }
    expect(arrived()).toHaveLength(0);
    expect(attack.gateway.log()).not.toMatch(/^X-Evil/m);
  });

  const call = (path: string, body: object) =>
    send({
      port: attack.port,
      path,
      headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "chat", max_tokens: 20, messages: [{ role: "user", content: "x" }], ...body }),
    });

  it.each(["a\r\nX-Evil: 1", "a\nb", "a\0", "", "\u901a\u4e49"])(
    "a backend whose id cannot stand in a header is refused with its snapshot: %j",
    async (id) => {
      const models = [
        { ...model("chat", ["web"]), backends: [{ kind: "pool", id, pool: "web", model: "m" } as const] },
      ];
      version += 1;
      const published = await attack.rig.publish(
        attackSnapshot(version, attack.upstream.address.port, { listeners: LISTENERS, models }),
      );
      expect(published).toContain("cannot stand in a header");
      expect((await call("/v1/chat/completions", {})).status).toBe(200);
    },
  );

  it("a tenant and a key whose names hold line ends make no header, and no line of a page, a journal or a log", async () => {
    const limits = { ...NO_LIMITS, rates: [{ unit: "requests", limit: 2, windowMs: 60_000 }] } as const;
    const port = attack.upstream.address.port;
    version += 1;
    const named = attackSnapshot(version, port, {
      listeners: LISTENERS,
      tenants: [{ id: `t${EVIL}`, limits }],
      keys: [{ ...key(KEY, KEY_SECRET_VALUE, ["chat"]), id: `k${EVIL}\0`, tenant: `t${EVIL}`, limits }],
    });
    expect(await attack.rig.publish(named)).toBe("applied");
    const replies = [];
    for (let turn = 0; turn < 3; turn += 1) replies.push(await call("/v1/chat/completions", {}));
    expect(replies.map(({ status }) => status)).toEqual([200, 200, 429]);
    for (const { headers, text } of replies) {
      expect(headers["x-evil"]).toBeUndefined();
      expect(JSON.parse(text)).toBeTypeOf("object");
    }
    expect(attack.gateway.log()).not.toMatch(/^X-Evil|^GET \/hidden/m);
    const metrics = (await send({ port: attack.rig.port("admin"), path: "/metrics" })).text;
    expect(metrics.split("\n").filter((line) => !/^(?:#|flyball_|gen_ai_|http_|$)/.test(line))).toEqual([]);
    const records = await vi.waitFor(async () => {
      const found = (await settledRecords(attack.rig.journalFolder)).filter(({ tenant }) => tenant === `t${EVIL}`);
      expect(found).toHaveLength(2);
      return found;
    });
    expect(records.map(({ key: id }) => id)).toEqual(Array(2).fill(`k${EVIL}\0`));
    version += 1;
    expect(await attack.rig.publish(attackSnapshot(version, port, { listeners: LISTENERS }))).toBe("applied");
  });

  const STREAMED: Readonly<Record<string, object>> = {
    "/v1/chat/completions": { stream: true },
    "/v1/messages": { stream: true },
    "/v1/responses": { stream: true, input: "x", messages: undefined, max_tokens: undefined },
  };
  it.each(Object.keys(STREAMED))(
    "what a model says, and what an upstream says of an error, makes no event of its own at %s",
    async (path) => {
      const evil = "a\n\ndata: [DONE]\n\nevent: message_stop\ndata: {}\n\n: b\r\rdata: evil\u2028";
      const said = { ...DEFAULT_MODEL, parts: [{ kind: "text" as const, pieces: [evil, "end"] }] };
      attack.upstream.set({ model: said });
      const whole = await call(path, STREAMED[path] ?? {});
      const events = whole.text
        .split("\n\n")
        .filter((frame) => frame.startsWith("data:") || frame.startsWith("event:"));
      const data = events.flatMap((frame) => frame.split("\n").filter((line) => line.startsWith("data:")));
      const texts = data.filter((line) => line !== "data: [DONE]").map((line) => JSON.parse(line.slice(5)) as unknown);
      expect(JSON.stringify(texts)).toContain("evil");
      expect(data.filter((line) => line.startsWith("data: evil") || line === "data: {}")).toEqual([]);
      // Only the terminal event of a whole stream stands at its end.
      expect(data.slice(0, -1)).not.toContain("data: [DONE]");
      attack.upstream.set({
        model: {
          ...said,
          parts: [{ kind: "text", pieces: ["one", "two"] }],
          trouble: { kind: "error-event", atPiece: 1, code: evil, message: evil },
        },
      });
      const broken = await call(path, STREAMED[path] ?? {});
      expect(broken.text).not.toMatch(/^(?:data: ?(?:\[DONE\]|evil|\{\})|event: ?message_stop)$/m);
      expect(broken.text).toContain("one");
    },
  );

  it("a request id with anything unusual is replaced", async () => {
    for (const id of ["a b", "\u00e9", "x".repeat(129), "a\tb"]) {
      const text = await raw(
        attack.port,
        Buffer.from(`GET / HTTP/1.1\r\n${HOST}Connection: close\r\nX-Request-Id: ${id}\r\n\r\n`, "latin1"),
      );
      expect(text.toLowerCase()).toMatch(/x-request-id: req_/);
    }
  });
});
