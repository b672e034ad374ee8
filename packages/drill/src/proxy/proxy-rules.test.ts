// Each rule on real sockets, in front of a program that streams.
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { isProcessAlive, readProcessIdentity } from "@flyball/wire";
import type { ProxyRule } from "../fault.ts";
import { askProxy, setProxyRule, type SetRule } from "../inject/proxy-client.ts";
import { startProxy, type StartedProxy } from "../testdata/start-proxy.ts";
import { until } from "../testdata/until.ts";

let proxy: StartedProxy;
let rule: SetRule | undefined;

beforeAll(async () => {
  proxy = await startProxy();
});

afterAll(() => proxy[Symbol.asyncDispose]());

afterEach(async () => {
  await rule?.clear();
  rule = undefined;
});

async function under(set: ProxyRule): Promise<void> {
  rule = await setProxyRule(proxy.socket, { rule: set, leaseMs: 60_000 });
}

function get(path: string, signal?: AbortSignal): Promise<Response> {
  return fetch(proxy.url + path, { signal: signal ?? null });
}

/** What comes until the end, the cut or the limit. */
async function readAll(response: Response): Promise<{ text: string; isWhole: boolean }> {
  let text = "";
  const decoder = new TextDecoder();
  try {
    for await (const piece of response.body!) text += decoder.decode(piece as Uint8Array, { stream: true });
    return { text, isWhole: true };
  } catch {
    return { text, isWhole: false };
  }
}

async function stream(limitMs = 20_000): Promise<{ text: string; isWhole: boolean }> {
  return readAll(await get("/stream", AbortSignal.timeout(limitMs)));
}

const words = (text: string): number => (text.match(/word\d/g) ?? []).length;

describe("a rule", () => {
  it("refuse: connections are refused, and taken again afterwards", async () => {
    await get("/health");
    await under({ rule: "refuse" });
    const refused = await new Promise<string>((resolve) => {
      const socket = connect(proxy.port, "127.0.0.1", () => resolve("connected"));
      socket.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? ""));
    });
    expect(refused).toBe("ECONNREFUSED");
    await rule?.clear();
    await until(async () => (await get("/health").catch(() => undefined))?.status === 200);
  });

  it("accept-no-answer: nothing comes, and a reset once it ends", async () => {
    await under({ rule: "accept-no-answer" });
    await expect(get("/health", AbortSignal.timeout(300))).rejects.toThrow(/timeout/);
    const held = get("/answer");
    const failed = expect(held).rejects.toThrow();
    await new Promise((resolve) => void setTimeout(resolve, 50));
    await rule?.clear();
    await failed;
  });

  it("headers-then-silence: a head without a body", async () => {
    await under({ rule: "headers-then-silence" });
    const response = await get("/stream", AbortSignal.timeout(500));
    expect(response.status).toBe(200);
    expect(await readAll(response)).toEqual({ text: "", isWhole: false });
  });

  it("stall: events up to the count, then silence", async () => {
    await under({ rule: "stall", afterEvents: 4 });
    const { text, isWhole } = await stream(1_500);
    expect([words(text), isWhole]).toEqual([4, false]);
    expect((await readAll(await get("/answer", AbortSignal.timeout(500)))).isWhole).toBe(false);
  });

  it("cut: events up to the count, then the end of the connection", async () => {
    await under({ rule: "cut", afterEvents: 4 });
    const { text, isWhole } = await stream();
    expect([words(text), isWhole]).toEqual([4, false]);
    await under({ rule: "cut", afterEvents: 0 });
    expect(await stream()).toEqual({ text: "", isWhole: false });
    expect((await readAll(await get("/answer"))).isWhole).toBe(false);
  });

  it("malformed: one event is no JSON, all others come", async () => {
    await under({ rule: "malformed", afterEvents: 3 });
    const { text, isWhole } = await stream();
    expect([words(text), isWhole, text.endsWith("[DONE]\n\n")]).toEqual([10, true, true]);
    const events = text.split("\n\n").filter((event) => event.startsWith("data: {"));
    expect(events.map((event) => isJson(event.slice(6))).indexOf(false)).toBe(3);
    expect(isJson((await readAll(await get("/answer"))).text)).toBe(false);
  });

  it("ok-with-error: status 200 and an error in it", async () => {
    await under({ rule: "ok-with-error" });
    const { text } = await stream();
    expect(text).toMatch(/^data: \{"error"/);
    const answer = await get("/answer");
    expect(answer.status).toBe(200);
    expect(await answer.json()).toHaveProperty("error");
  });

  it("empty-answer and garbage: well-formed without, or with bad content", async () => {
    const answer = async (): Promise<string> => {
      const body = (await (await get("/answer")).json()) as { choices: { message: { content: string } }[] };
      return body.choices[0]!.message.content;
    };
    await under({ rule: "empty-answer" });
    expect(await answer()).toBe("");
    expect(words((await stream()).text)).toBe(0);
    await under({ rule: "garbage", form: "language" });
    expect(await answer()).toMatch(/^[\p{Script=Han} ]+$/u);
    await under({ rule: "garbage", form: "loop" });
    expect(await answer()).toMatch(/^(over and ){60}/);
    const { text, isWhole } = await stream();
    expect([text.match(/over and/g)?.length, isWhole]).toEqual([10, true]);
  });

  it("slow: the first byte comes late, the rest as ever", async () => {
    await under({ rule: "slow", factor: 10, leastMs: 600_000 });
    await expect(get("/stream", AbortSignal.timeout(300))).rejects.toThrow(/timeout/);
    await under({ rule: "slow", factor: 10, leastMs: 50 });
    expect(words((await stream()).text)).toBe(10);
  });

  it("status: a share of the answers, with a time to wait if one is set", async () => {
    await under({ rule: "status", status: 429, share: 1, retryAfterSeconds: 3 });
    const response = await get("/answer");
    expect([response.status, response.headers.get("retry-after")]).toEqual([429, "3"]);
    await under({ rule: "status", status: 500, share: 0.5 });
    const statuses = await Promise.all(Array.from({ length: 60 }, async () => (await get("/health")).status));
    expect(new Set(statuses)).toEqual(new Set([200, 500]));
  });

  it("no-progress: calls are taken and never answered, counters show them and stand still", async () => {
    await under({ rule: "no-progress" });
    const call = fetch(`${proxy.url}/echo`, { method: "POST", body: "{}" });
    const failed = expect(call).rejects.toThrow();
    await until(async () => (await (await get("/metrics")).text()).includes('running{model="m"} 1\n'));
    expect(await (await get("/metrics")).text()).toContain("generation_tokens_total 7");
    expect(await (await get("/health")).text()).toBe("fine");
    await rule?.clear();
    await failed;
    expect(await (await get("/metrics")).text()).toContain('running{model="m"} 0\n');
  });

  it("health-lies and health-fails: health apart from all else", async () => {
    await under({ rule: "health-lies", inner: { rule: "status", status: 500, share: 1 } });
    expect([(await get("/health")).status, (await get("/answer")).status]).toEqual([200, 500]);
    await under({ rule: "health-fails" });
    expect([(await get("/health")).status, (await get("/answer")).status]).toEqual([503, 200]);
  });

  it("ends with its lease", async () => {
    await setProxyRule(proxy.socket, { rule: { rule: "health-fails" }, leaseMs: 100 });
    await until(async () => (await askProxy(proxy.socket, "status")).rule === null);
    expect((await get("/health")).status).toBe(200);
  });

  it("holds for upgrades too", async () => {
    await under({ rule: "status", status: 503, share: 1 });
    const socket = new WebSocket(proxy.url.replace("http", "ws"));
    expect(
      await new Promise((resolve) => {
        socket.addEventListener("open", () => resolve("open"));
        socket.addEventListener("error", () => resolve("failed"));
      }),
    ).toBe("failed");
  });

  it("killed-at-request: the program is gone at that request, as by the kernel", async () => {
    const own = await startProxy();
    try {
      const program = readProcessIdentity(own.programPid);
      await setProxyRule(own.socket, { rule: { rule: "killed-at-request", request: 3 }, leaseMs: 60_000 });
      for (const _ of [1, 2]) expect((await fetch(`${own.url}/answer`)).status).toBe(200);
      await expect(fetch(`${own.url}/answer`)).rejects.toThrow();
      expect(await own.ended).toEqual({ code: null, signal: "SIGKILL" });
      expect(isProcessAlive(program)).toBe(false);
    } finally {
      await own[Symbol.asyncDispose]();
    }
  });

  it("of the environment holds from the first request on, and the program does not see it", async () => {
    const fault = JSON.stringify({ rule: { rule: "status", status: 500, share: 0.5 }, leaseMs: 60_000 });
    const own = await startProxy({ environment: { FLYBALL_FAULT: fault } });
    try {
      expect((await askProxy(own.socket, "status")).rule).toMatchObject({ rule: "status" });
      await askProxy(own.socket, "clear");
      expect(await (await fetch(`${own.url}/who`)).json()).not.toHaveProperty("fault");
    } finally {
      await own[Symbol.asyncDispose]();
    }
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
