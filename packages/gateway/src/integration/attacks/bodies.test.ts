// Attacks 17, 19, 20, 23 and 30: values that poison, grow, nest or tell too much.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { connect } from "node:net";
import { once } from "node:events";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
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

  it("a body of 15 MiB of text holds nobody else up for long", { retry: 2 }, async () => {
    attack.upstream.set({ respond: () => ({ status: 200, headers: {}, body: "{}" }) });
    const body = `{"model":"chat","messages":[{"role":"user","content":"${"hello world ".repeat(1_300_000)}"}]}`;
    const worst = await worstDelay(async () => {
      expect((await chat(body)).status).toBe(200);
    });
    expect(worst).toBeLessThan(1_000);
  });

  it("a million messages hold nobody else up", { retry: 2 }, async () => {
    attack.upstream.set({ respond: () => ({ status: 200, headers: {}, body: "{}" }) });
    const body = `{"model":"chat","messages":[${Array.from({ length: 1_000_000 }, () => '{"a":1}').join(",")}]}`;
    const worst = await worstDelay(async () => {
      expect((await chat(body)).status).toBe(400);
    });
    expect(worst).toBeLessThan(150);
  });

  it("absurd numbers pass to whoever understands them, and the gateway lives", async () => {
    for (const number of ["1e999", "-1", "9".repeat(400), "1.0", "null", '"many"']) {
      const reply = await chat(`{"model":"chat","messages":[],"max_tokens":${number},"n":${number}}`);
      expect([200, 400]).toContain(reply.status);
    }
  });

  it("a form with a million parts holds nobody else up for long", async () => {
    const boundary = "b";
    const part = `--${boundary}\r\nA: 1\r\n\r\n\r\n`;
    const form = Buffer.from(`${part.repeat(900_000)}--${boundary}--\r\n`);
    const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
    expect(await worstDelay(() => chat(form, headers, "/v1/audio/transcriptions"))).toBeLessThan(150);
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
