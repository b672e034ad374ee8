// Attacks 17, 19, 20, 23 and 30: values that poison, grow, nest or tell too much.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { LoopDelay } from "../../testdata/process-commands.ts";
import { raw, send, type Reply } from "../../testdata/test-client.ts";
import { KEY, startAttackRig, type AttackRig } from "./testdata/attack-rig.ts";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 30_000 });

let attack: AttackRig;

beforeAll(async () => {
  attack = await startAttackRig();
});
afterAll(() => attack.dispose());
beforeEach(() => {
  attack.upstream.reset();
  attack.arrived();
});

const MIB = 1024 * 1024;
/**
 * The list asks for 50 ms. A long body holds the loop for less than ten of a free processor (`bench/long-calls.ts`): the bounds have room for a
 * machine with other work, the output has the figure.
 */
const STALL_MS = { small: 150, large: 750 } as const;
const ANSWER = JSON.stringify({
  object: "chat.completion",
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: "hi" }, finish_reason: "stop" }],
});

function chat(
  body: string | Buffer,
  headers: Record<string, string> = {},
  path = "/v1/chat/completions",
): Promise<Reply> {
  return send({
    port: attack.port,
    path,
    headers: { authorization: `Bearer ${KEY}`, "content-type": "application/json", ...headers },
    body,
  });
}

/** The longest that a small request took while `work` ran: what a stall of the event loop looks like from outside. */
async function worstDelay(work: () => Promise<unknown>): Promise<number> {
  let worst = 0;
  const working = new AbortController();
  const probe = async (): Promise<void> => {
    while (!working.signal.aborted) {
      const startedAt = performance.now();
      await send({ port: attack.port, path: "/probe" });
      worst = Math.max(worst, performance.now() - startedAt);
    }
  };
  const probing = probe();
  await work();
  working.abort();
  await probing;
  return worst;
}

/** A body that costs much; a chat completion in JSON that is served, unless it says otherwise. */
interface LargeBody {
  readonly name: string;
  readonly make: () => string | Buffer;
  readonly status?: number;
  readonly path?: string;
  readonly type?: string;
  /** So large that one scan of it is longer than the list allows. */
  readonly isLarge?: boolean;
}

/** The longest that the event loop of the worker stood still while `work` ran, as it says itself. */
async function worstStall(what: string, work: () => Promise<unknown>): Promise<number> {
  const loopDelay = (): Promise<LoopDelay> => attack.gateway.tell<LoopDelay>({ ask: "loop-delay" });
  await loopDelay();
  await work();
  const { worstMs } = await loopDelay();
  process.stdout.write(`20: the event loop stood still for ${worstMs.toFixed(0)} ms at worst: ${what}\n`);
  return worstMs;
}

/** Resident memory of the gateway process in bytes. */
function residentBytes(): number {
  const status = readFileSync(`/proc/${attack.gateway.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}

describe("17: names that reach the prototype", () => {
  it.each([
    '{"__proto__":{"polluted":1},"model":"chat","messages":[]}',
    '{"constructor":{"prototype":{"polluted":1}},"model":"chat","messages":[]}',
    '{"model":"chat","messages":[{"__proto__":{"role":"system"},"role":"user","content":"x"}]}',
    '{"model":"chat","messages":[],"metadata":{"__proto__":1,"constructor":2,"prototype":3}}',
    '{"model":"chat","messages":[],"stream_options":{"__proto__":{"include_usage":true}}}',
  ])("%s passes with the client's bytes and changes nothing", async (body) => {
    expect((await chat(body)).status).toBe(200);
    const [seen] = attack.arrived();
    expect(seen?.body.toString()).toBe(body.replace('"model":"chat"', '"model":"web-model"'));
    expect((await chat('{"model":"chat","messages":[]}')).status).toBe(200);
  });

  it.each(["__proto__", "constructor", "prototype", "hasOwnProperty", "toString", "__defineGetter__"])(
    "a model, a path, a query and a header named %s are plain unknown names",
    async (name) => {
      expect((await chat(JSON.stringify({ model: name, messages: [] }))).status).toBe(404);
      const headers = { authorization: `Bearer ${KEY}` };
      expect((await send({ port: attack.port, path: `/v1/models/${name}`, headers })).status).toBe(404);
      expect((await send({ port: attack.port, path: `/v1/${name}`, headers })).status).toBe(404);
      const text = await raw(
        attack.port,
        `GET /${name}?${name}[x]=1 HTTP/1.1\r\nHost: x\r\n${name}: 1\r\n${name}: 2\r\nCookie: ${name}=1\r\nConnection: close, ${name}\r\n\r\n`,
      );
      expect(text).toMatch(/^HTTP\/1\.1 200 /);
    },
  );

  it("a header of that name in the upstream's answer is a header", async () => {
    attack.upstream.set({ headers: JSON.parse('{"__proto__":"1","constructor":"2"}') as Record<string, string> });
    expect((await send({ port: attack.port })).status).toBe(200);
    expect((await send({ port: attack.port })).status).toBe(200);
  });
});

describe("19: bodies that grow when they are unpacked", () => {
  const bomb = gzipSync(Buffer.alloc(64 * MIB, 0x20));

  it.each(["gzip", "br", "deflate", "zstd", "gzip, gzip", "x-gzip", "GZIP"])(
    "a model call in %s is refused unread, with a reason",
    async (encoding) => {
      const before = residentBytes();
      const reply = await chat(bomb, { "content-encoding": encoding });
      expect([reply.status, reply.text]).toEqual([400, expect.stringContaining("content-encoding")]);
      expect(attack.arrived()).toHaveLength(0);
      expect(residentBytes() - before).toBeLessThan(50 * MIB);
    },
  );

  it("an upstream is asked for plain bytes by a model call", async () => {
    await chat('{"model":"chat","messages":[]}', { "accept-encoding": "gzip, br" });
    expect(attack.arrived()[0]?.headers["accept-encoding"]).toBe("identity");
  });

  it("a packed answer to a model call passes as it is", async () => {
    const packed = gzipSync(JSON.stringify({ choices: [] }));
    attack.upstream.set({
      respond: () => ({
        status: 200,
        headers: { "content-type": "application/json", "content-encoding": "gzip" },
        body: packed,
      }),
    });
    const reply = await chat('{"model":"chat","messages":[]}', { "accept-encoding": "gzip, br" });
    expect([reply.status, reply.headers["content-encoding"]]).toEqual([200, "gzip"]);
    expect(reply.body.equals(packed)).toBe(true);
  });

  it("a bomb in an upstream's answer costs no memory: it passes unread", async () => {
    const before = residentBytes();
    attack.upstream.set({ respond: () => ({ status: 200, headers: { "content-encoding": "gzip" }, body: bomb }) });
    expect((await send({ port: attack.port })).body.equals(bomb)).toBe(true);
    expect((await chat('{"model":"chat","messages":[]}')).body.length).toBeLessThanOrEqual(bomb.length);
    expect(residentBytes() - before).toBeLessThan(50 * MIB);
  });
});

describe("20: too much of anything", () => {
  it("a URL of 8 KiB passes, a longer one gets 414", async () => {
    expect((await send({ port: attack.port, path: `/${"a".repeat(8_191)}` })).status).toBe(200);
    const long = await send({ port: attack.port, path: `/${"a".repeat(8_192)}` });
    expect([long.status, long.json().error.code]).toEqual([414, "FB_GATEWAY_URL_TOO_LONG"]);
  });

  it("100 headers pass, 101 get 431, and so do more than 16 KiB of them", async () => {
    const named = (count: number) => Array.from({ length: count }, (_, index) => `x-${index}: 1\r\n`).join("");
    const status = async (headers: string) => {
      const text = await raw(attack.port, `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
      return /^HTTP\/1\.1 (\d+)/.exec(text)?.[1];
    };
    expect(await status(named(98))).toBe("200");
    expect(await status(named(99))).toBe("431");
    expect(await status(named(1_500))).toBe("431");
    expect(await status(`x: ${"a".repeat(15_000)}\r\n`)).toBe("200");
    expect(await status(`x: ${"a".repeat(17_000)}\r\n`)).toBe("431");
  });

  it("a model call's body above its limit is refused early, at its announced length and when it comes in chunks", async () => {
    const announced = await raw(
      attack.port,
      `POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\nContent-Length: ${20 * MIB}\r\n\r\n{`,
      (seen) => seen.includes("FB_GATEWAY_BODY_TOO_LARGE"),
    );
    expect(announced).toMatch(/^HTTP\/1\.1 413 /);
    const chunked = await chat(Buffer.alloc(17 * MIB, 0x20), { "transfer-encoding": "chunked" });
    expect([chunked.status, chunked.json().error.code]).toEqual([413, "FB_GATEWAY_BODY_TOO_LARGE"]);
    expect(attack.arrived()).toHaveLength(0);
  });

  it("a client that sends all of a body that is too long still reads why it was refused", async () => {
    for (let round = 0; round < 5; round += 1) {
      const reply = await chat(Buffer.alloc(24 * MIB, 0x20));
      expect([reply.status, reply.json().error.code]).toEqual([413, "FB_GATEWAY_BODY_TOO_LARGE"]);
    }
  });

  it.each([
    ["arrays", "[".repeat(100_000)],
    ["objects", '{"a":'.repeat(100_000)],
    ["arrays that are closed", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
  ])("JSON with 100,000 levels of %s is refused", async (_name, nested) => {
    for (const path of ["/v1/chat/completions", "/v1/messages", "/v1/responses", "/v1/embeddings"]) {
      const reply = await chat(`{"model":"chat","messages":${nested}}`, {}, path);
      expect([path, reply.status]).toEqual([path, 400]);
    }
    expect(attack.arrived()).toHaveLength(0);
  });

  const say = (content: unknown): string =>
    JSON.stringify({ model: "chat", max_tokens: 9, messages: [{ role: "user", content }] });
  const BASE64 = Buffer.alloc(11 * MIB, 0x5a).toString("base64");
  const CHAT = "/v1/chat/completions";
  const picture = { type: "image_url", image_url: { url: `data:image/png;base64,${BASE64}` } };
  const BODIES: readonly LargeBody[] = [
    { name: "15 MiB of text", make: () => say("hello world ".repeat(1_300_000)), isLarge: true },
    { name: "15 MiB of escapes", make: () => say('"\n'.repeat(3_700_000)), isLarge: true },
    {
      name: "15 MiB of text to be translated",
      path: "/v1/messages",
      make: () => say("hello world ".repeat(1_300_000)),
      isLarge: true,
    },
    { name: "a picture of 15 MiB in base64", make: () => say([picture]), isLarge: true },
    {
      name: "a picture of 15 MiB in base64 to be translated",
      path: "/v1/messages",
      make: () => say([{ type: "image", source: { type: "base64", media_type: "image/png", data: BASE64 } }]),
      isLarge: true,
    },
    {
      name: "ten thousand small pictures",
      make: () =>
        say(
          Array.from({ length: 10_000 }, () => ({
            type: "image_url",
            image_url: { url: "data:image/png;base64,iVBORw0KGgo=" },
          })),
        ),
    },
    {
      name: "a million messages",
      status: 400,
      make: () => `{"model":"chat","messages":[${Array(1_000_000).fill('{"a":1}').join(",")}]}`,
    },
    {
      name: "a form with 900,000 parts",
      status: 400,
      path: "/v1/audio/transcriptions",
      type: "multipart/form-data; boundary=b",
      make: () => Buffer.from(`${"--b\r\nA: 1\r\n\r\n\r\n".repeat(900_000)}--b--\r\n`),
    },
  ];
  it.each(BODIES)(
    "$name: the event loop does not stand still for long",
    { retry: 2 },
    async ({ name, status = 200, path = CHAT, type = "application/json", make, isLarge = false }) => {
      attack.upstream.set({
        respond: () => ({ status: 200, headers: { "content-type": "application/json" }, body: ANSWER }),
      });
      const body = make();
      const worst = await worstStall(name, async () => {
        expect((await chat(body, { "content-type": type }, path)).status).toBe(status);
      });
      expect(worst).toBeLessThan(isLarge ? STALL_MS.large : STALL_MS.small);
    },
  );

  it("absurd numbers pass to whoever understands them, and the gateway lives", async () => {
    for (const number of ["1e999", "-1", "9".repeat(400), "1.0", "null", '"many"']) {
      const reply = await chat(`{"model":"chat","messages":[],"max_tokens":${number},"n":${number}}`);
      expect([200, 400]).toContain(reply.status);
    }
  });
});

describe("23: input that costs more than its length", () => {
  it("a flood of keys like integers in headers, query and JSON", async () => {
    const keys = Array.from({ length: 95 }, (_, index) => `${index * 1_000_003}: 1\r\n`).join("");
    const text = await raw(
      attack.port,
      `GET /?${"1=1&".repeat(1_500)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${keys}\r\n`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    const flood = Array.from({ length: 200_000 }, (_, index) => `"${index * 7_919}":1`).join(",");
    const worst = await worstDelay(async () => {
      expect((await chat(`{"model":"chat","messages":[],"metadata":{${flood}}}`)).status).toBe(200);
      expect((await chat(`{${flood},"model":"chat","messages":[]}`)).status).toBe(200);
    });
    expect(worst).toBeLessThan(1_000);
  });

  it.each([
    ["authorization", `Bearer ${" ".repeat(14_000)}x y`],
    ["authorization", `Bearer x${" ".repeat(14_000)}y`],
    ["content-type", `multipart/form-data;${" boundary".repeat(1_500)}`],
    ["connection", `${"a,".repeat(7_000)}close`],
    ["x-request-id", "a ".repeat(7_000)],
    ["access-control-request-headers", "a, ".repeat(4_000)],
    ["cookie", ";".repeat(14_000)],
  ])("a %s header made for a slow pattern", async (name, value) => {
    const worst = await worstDelay(() =>
      raw(
        attack.port,
        `POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\n${name}: ${value}\r\nContent-Length: 2\r\n\r\n{}`,
        (seen) => seen.includes("\r\n\r\n"),
      ),
    );
    expect(worst).toBeLessThan(500);
  });

  it.each([`/${"%2e".repeat(2_600)}`, `/${"/;".repeat(4_000)}`, `/${"%25".repeat(2_600)}`, `/${"\\.".repeat(4_000)}x`])(
    "a path made for a slow pattern",
    async (path) => {
      const worst = await worstDelay(() =>
        raw(attack.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      );
      expect(worst).toBeLessThan(500);
    },
  );
});

describe("30: an error tells nothing of what stands behind the gateway", () => {
  const isTelling = (text: string): boolean =>
    text.includes(String(attack.upstream.address.port)) ||
    /127\.0\.0\.1|ECONNREFUSED|node:internal|\.ts:\d|\n\s+at |0x[0-9a-f]{6,}/.test(text);

  it("when nothing listens, the connection is reset, the answer is cut or late", async () => {
    const asked = async (): Promise<string[]> => {
      const plain = await send({ port: attack.port, path: "/x" });
      const called = await chat('{"model":"chat","messages":[]}');
      expect([plain.status, called.status].every((status) => status >= 500)).toBe(true);
      return [plain, called].map(({ text, headers }) => text + JSON.stringify(headers));
    };
    const seen: string[] = [];
    attack.upstream.set({ fault: { kind: "reset" } });
    seen.push(...(await asked()));
    await attack.upstream.refuse({ resetsOpen: true });
    seen.push(...(await asked()));
    await attack.upstream.accept();
    expect(seen.filter(isTelling)).toEqual([]);
  });

  it("when the upstream's bytes are no HTTP", async () => {
    const reply = await send({ port: attack.port, path: "/x", headers: { "x-bad": "1" } });
    expect(isTelling(reply.text)).toBe(false);
    const malformed = await raw(attack.port, "GET / HTTP/1.1\r\nbroken\r\n\r\n");
    expect(isTelling(malformed)).toBe(false);
  });
});

it("every attack above left the gateway as it was", async () => {
  expect((await send({ port: attack.port })).status).toBe(200);
  expect(attack.gateway.log()).not.toMatch(/a worker (?:failed|ended)/);
  const socket = connect(attack.port, "127.0.0.1");
  await once(socket, "connect");
  socket.destroy();
});
