import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { BackendSnapshot, EndpointSnapshot } from "@flyball/core";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, route, snapshot, TIMEOUTS } from "../testdata/snapshots.ts";
import { open, send, type Reply } from "../testdata/test-client.ts";
import { startUpstream, type Answer, type TestUpstream } from "../testdata/test-upstream.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let rig: Rig;
let version = 0;
const upstreams: TestUpstream[] = [];
const PATH = "/v1/chat/completions";

beforeAll(async () => {
  rig = await createRig({
    listeners: ["public", "models"],
    secrets: { "@keys": "secret", outside: "sk-canary-provider" },
  });
  rig.send(snapshot(++version, { listeners: ["public", "models"] }));
  await rig.start().ready;
});
afterAll(() => rig.dispose());
afterEach(async () => {
  await Promise.all(upstreams.splice(0).map((upstream) => upstream.kill()));
});

async function up(answer: Answer): Promise<TestUpstream> {
  const upstream = await startUpstream(answer);
  upstreams.push(upstream);
  return upstream;
}

/** One pool per list of upstreams, in order of preference; `chat` is served by them all. */
async function publish(
  pools: readonly (readonly TestUpstream[])[],
  more: { firstByteMs?: number; gapMs?: number; backends?: readonly BackendSnapshot[] } = {},
): Promise<void> {
  version += 1;
  const ids = pools.map((_, index) => `p${index}`);
  const timeouts = {
    ...TIMEOUTS,
    firstByteMs: more.firstByteMs ?? TIMEOUTS.firstByteMs,
    gapMs: more.gapMs ?? TIMEOUTS.gapMs,
  };
  const base = model("chat", ids, { timeouts });
  const applied = await rig.publish(
    snapshot(version, {
      listeners: ["public", "models"],
      pools: pools.map((members, index) =>
        pool(
          `p${index}`,
          members.map(({ port }, ordinal): EndpointSnapshot => endpoint(`p${index}/${ordinal}@${version}`, port)),
        ),
      ),
      routes: [
        route("open", "", {
          match: { pathPrefix: "/llm" },
          stripsPrefix: true,
          destination: { kind: "models", models: ["chat"], requiresKey: false },
        }),
      ],
      models: [{ ...base, backends: [...base.backends, ...(more.backends ?? [])] }, model("private", ids)],
      keys: [key("fb-key", "secret", ["chat"]), key("fb-all", "secret", ["chat", "private"])],
    }),
  );
  expect(applied).toBe("applied");
}

function chat(body: object | string, more: object = {}): Promise<Reply> {
  return send({
    port: rig.port("models"),
    path: PATH,
    headers: { authorization: "Bearer fb-key", "content-type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...more,
  });
}

const delta = (content: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: "c1", choices: [{ index: 0, delta: content === "" ? {} : { content }, finish_reason: finish }] })}\n\n`;
const ROLE = `data: {"id":"c1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}\n\n`;
const DONE = "data: [DONE]\n\n";

/** Writes parts one after the other; a function does what it wants instead. */
function sse(...parts: (string | ((response: Parameters<Answer>[1]) => void))[]): Answer {
  return (request, response) => {
    request.on("end", () => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      const queue = [...parts];
      const step = (): void => {
        const part = queue.shift();
        if (part === undefined) response.end();
        else if (typeof part === "string") {
          response.write(part);
          setTimeout(step, 5);
        } else part(response);
      };
      step();
    });
  };
}
const json =
  (status: number, value: object, headers: Record<string, string> = {}): Answer =>
  (request, response) =>
    void request.on("end", () => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(JSON.stringify(value));
    });
const die = (response: Parameters<Answer>[1]): void => void response.socket?.resetAndDestroy();
const WHOLE = [ROLE, delta("Hel"), delta("lo"), delta("", "stop"), DONE];

describe("keys and models", () => {
  it("refuses a missing, unknown and malformed key with 401 in OpenAI's form", async () => {
    await publish([[await up(json(200, {}))]]);
    for (const authorization of [undefined, "Bearer wrong", "Basic fb-key", "Bearer "]) {
      const reply = await chat({ model: "chat" }, { headers: authorization ? { authorization } : {} });
      expect(reply.status).toBe(401);
      expect(reply.json()).toEqual({
        error: {
          message: expect.stringContaining("API key"),
          type: "authentication_error",
          param: null,
          code: "FB_GATEWAY_KEY_INVALID",
        },
      });
    }
    expect(upstreams[0]?.received).toHaveLength(0);
  });

  it("knows no model that the key was not granted", async () => {
    await publish([[await up(json(200, { ok: true }))]]);
    for (const name of ["private", "nothing"]) {
      const reply = await chat({ model: name });
      expect([reply.status, reply.json().error.code, reply.json().error.param]).toEqual([
        404,
        "FB_GATEWAY_MODEL_NOT_FOUND",
        "model",
      ]);
    }
    const granted = await chat({ model: "private" }, { headers: { authorization: "bearer  fb-all" } });
    expect(granted.status).toBe(200);
  });

  it("lists exactly the aliases that the key may use", async () => {
    await publish([[await up(json(200, {}))]]);
    const list = async (authorization: string, path = "/v1/models") =>
      (await send({ port: rig.port("models"), path, headers: { authorization } })).json();
    const chatOnly = await list("Bearer fb-key");
    expect(chatOnly).toMatchObject({ object: "list", data: [{ id: "chat", object: "model", owned_by: "flyball" }] });
    expect(chatOnly.data).toHaveLength(1);
    expect((await list("Bearer fb-all")).data).toHaveLength(2);
    expect(await list("Bearer fb-key", "/v1/models/chat")).toMatchObject({ id: "chat" });
    expect((await list("Bearer fb-key", "/v1/models/private")).error.code).toBe("FB_GATEWAY_MODEL_NOT_FOUND");
  });

  it("serves an open route without a key, below its prefix, for its own models only", async () => {
    await publish([[await up(json(200, { ok: true }))]]);
    const reply = await send({ port: rig.port("public"), path: `/llm${PATH}`, body: '{"model":"chat"}' });
    expect([reply.status, reply.json()]).toEqual([200, { ok: true }]);
    const other = await send({ port: rig.port("public"), path: `/llm${PATH}`, body: '{"model":"private"}' });
    expect(other.status).toBe(404);
  });
});

describe("the body of a call", () => {
  it("goes up byte for byte but for the model's name", async () => {
    const upstream = await up(json(200, { ok: true }));
    await publish([[upstream]]);
    await chat('{ "n":9007199254740993, "model" : "chat","t":1.0,"messages":[{"content":"模型 \\u00e9"}] }');
    expect(upstream.received[0]?.body.toString()).toBe(
      '{ "n":9007199254740993, "model" : "p0-model","t":1.0,"messages":[{"content":"模型 \\u00e9"}] }',
    );
    expect(upstream.received[0]?.url).toBe(PATH);
    expect(upstream.received[0]?.headers).toMatchObject({
      "accept-encoding": "identity",
      "content-type": "application/json",
    });
    expect(upstream.received[0]?.headers.authorization).toBeUndefined();
  });

  it.each(["/v1/completions", "/v1/embeddings"])("passes to %s in the same way", async (path) => {
    const upstream = await up(json(200, { data: [1] }));
    await publish([[upstream]]);
    const reply = await chat({ model: "chat", input: "x" }, { path });
    expect([reply.json(), upstream.received[0]?.url]).toEqual([{ data: [1] }, path]);
  });

  it.each([
    ["two models", '{"model":"chat","model":"private"}', "is there twice"],
    ["an escaped key", '{"mod\\u0065l":"chat"}', "escapes"],
    ["no JSON", "model=chat", "no JSON object"],
    ["no model", "{}", "missing"],
  ])("with %s is refused with 400", async (_name, body, reason) => {
    const upstream = await up(json(200, {}));
    await publish([[upstream]]);
    const reply = await chat(body);
    expect([reply.status, reply.json().error.type]).toEqual([400, "invalid_request_error"]);
    expect(reply.json().error.message).toContain(reason);
    expect(upstream.received).toHaveLength(0);
  });

  it("of more than 16 MiB is refused, and a compressed one too", async () => {
    await publish([[await up(json(200, {}))]]);
    const big = await chat(" ".repeat(16 * 1024 * 1024 + 1)).catch(() => undefined);
    expect(big === undefined || big.status === 413).toBe(true);
    const zipped = await chat("x", { headers: { authorization: "Bearer fb-key", "content-encoding": "gzip" } });
    expect([zipped.status, zipped.json().error.code]).toEqual([400, "FB_GATEWAY_BAD_REQUEST"]);
  });
});

describe("a streamed answer", () => {
  it("passes on every byte, each event when it comes", async () => {
    const upstream = await up(sse(": hi\n\n", ...WHOLE));
    await publish([[upstream]]);
    const request = open({
      port: rig.port("models"),
      path: PATH,
      method: "POST",
      headers: { authorization: "Bearer fb-key" },
    });
    request.end('{"model":"chat","stream":true}');
    const pieces = await new Promise<string[]>((resolve) =>
      request.once("response", (response) => {
        const seen: string[] = [];
        response.on("data", (chunk: Buffer) => seen.push(chunk.toString()));
        response.on("end", () => resolve(seen));
      }),
    );
    expect(pieces.join("")).toBe(`: hi\n\n${WHOLE.join("")}`);
    expect(pieces.slice(1)).toEqual([delta("lo"), delta("", "stop"), DONE]);
  });

  it("reaches the client whole when its events are cut anywhere", async () => {
    const text = WHOLE.join("");
    const parts = text.match(/[\s\S]{1,7}/g) ?? [];
    await publish([[await up(sse(...parts))]]);
    expect((await chat({ model: "chat", stream: true })).text).toBe(text);
  });

  it.each([
    ["breaks before content", sse(ROLE, die)],
    ["ends before content", sse(ROLE)],
    ["says [DONE] without content", sse(ROLE, DONE)],
    ["sends an error event before content", sse(ROLE, 'data: {"error":{"message":"overloaded"}}\n\n')],
    [
      "is lost before the headers",
      ((request) => void request.on("end", () => request.socket.resetAndDestroy())) as Answer,
    ],
    ["answers 500", json(500, { error: "a" })],
    ["answers 503", json(503, { error: "a" })],
    ["answers 429", json(429, { error: "a" }, { "retry-after": "2" })],
    ["answers 429 without a header", json(429, { error: "a" })],
  ])("comes from the second backend alone when the first %s", async (_name, answer) => {
    const [first, second] = [await up(answer), await up(sse(...WHOLE))];
    await publish([[first], [second]]);
    const reply = await chat({ model: "chat", stream: true });
    expect([reply.status, reply.text]).toEqual([200, WHOLE.join("")]);
    expect(JSON.parse(second.received[0]?.body.toString() ?? "").model).toBe("p1-model");
  });

  it("comes from another instance of the same pool first", async () => {
    const broken = await up(sse(ROLE, die));
    const members = [broken, await up(sse(...WHOLE))];
    const fallback = await up(sse(...WHOLE));
    await publish([members, [fallback]]);
    for (let call = 0; call < 4; call += 1) {
      expect((await chat({ model: "chat", stream: true })).text).toBe(WHOLE.join(""));
    }
    expect(fallback.received).toHaveLength(0);
  });

  it("that is cut after content ends in an error event without [DONE]", async () => {
    const [first, second] = [
      await up(sse(ROLE, delta("Hel"), 'data: {"choices":[{"del', die)),
      await up(sse(...WHOLE)),
    ];
    await publish([[first], [second]]);
    const reply = await chat({ model: "chat", stream: true });
    expect(reply.status).toBe(200);
    const events = reply.text.trimEnd().split("\n\n");
    expect(`${events.slice(0, -1).join("\n\n")}\n\n`).toBe(ROLE + delta("Hel"));
    const last = JSON.parse(events.at(-1)?.slice(6) ?? "");
    expect(last.error).toMatchObject({ code: "FB_GATEWAY_STREAM_CUT", type: "server_error" });
    expect(reply.text).not.toContain("[DONE]");
    expect(second.received).toHaveLength(0);
  });

  it("that ends without a finish reason is told to be cut", async () => {
    await publish([[await up(sse(ROLE, delta("Hel")))]]);
    expect((await chat({ model: "chat", stream: true })).text).toContain("FB_GATEWAY_STREAM_CUT");
  });

  it("is a true error with its own status when every backend failed", async () => {
    const first = await up(sse(ROLE, die));
    const second = await up(json(529, { error: { message: "mine" } }, { "x-own": "1" }));
    await publish([[first], [second]]);
    const reply = await chat({ model: "chat", stream: true });
    expect([reply.status, reply.headers["x-own"], reply.json()]).toEqual([529, "1", { error: { message: "mine" } }]);
  });

  it("that stays silent is cut at the first-byte limit and comes from elsewhere", async () => {
    const [first, second] = [await up(() => undefined), await up(sse(...WHOLE))];
    await publish([[first], [second]], { firstByteMs: 150 });
    const startedAt = performance.now();
    const reply = await chat({ model: "chat", stream: true });
    expect(reply.text).toBe(WHOLE.join(""));
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it("does not spin when every backend answers 429 again and again", async () => {
    const busy = json(429, { error: { message: "slow down" } }, { "retry-after": "7" });
    await publish([[await up(busy), await up(busy)], [await up(busy)]]);
    const startedAt = performance.now();
    const reply = await chat({ model: "chat", stream: true });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect([reply.status, reply.headers["retry-after"]]).toEqual([429, "7"]);
    expect(upstreams.map(({ received }) => received.length)).toEqual([1, 1, 1]);
  });

  it("is answered 200 with comments after ten seconds, and may still come from elsewhere", async () => {
    const mute: Answer = (_request, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.flushHeaders();
      setTimeout(() => die(response), 10_500);
    };
    await publish([[await up(mute)], [await up(sse(...WHOLE))]], { gapMs: 20_000 });
    const reply = await chat({ model: "chat", stream: true });
    expect(reply.headers["content-type"]).toContain("text/event-stream");
    const told = ": answered by chat/p1, attempts 2";
    expect(reply.text).toBe(`: keep-alive\n\n${told}\n\n${WHOLE.join("")}`);
  });
});

describe("a whole answer", () => {
  it("comes from the second backend when the first breaks in the middle of it", async () => {
    const half: Answer = (request, response) =>
      void request.on("end", () => {
        response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
        response.write('{"half":');
        setTimeout(() => die(response), 20);
      });
    await publish([[await up(half)], [await up(json(200, { whole: true }))]]);
    expect((await chat({ model: "chat" })).json()).toEqual({ whole: true });
  });

  it("passes 4xx answers on byte for byte without asking anybody else", async () => {
    const [first, second] = [
      await up(json(400, { error: { code: "context_length_exceeded" } })),
      await up(json(200, {})),
    ];
    await publish([[first], [second]]);
    const reply = await chat({ model: "chat" });
    expect([reply.status, reply.json().error.code]).toEqual([400, "context_length_exceeded"]);
    expect(second.received).toHaveLength(0);
  });

  it("of several megabytes is passed on as it comes", async () => {
    const value = { data: "y".repeat(4 * 1024 * 1024) };
    await publish([[await up(json(200, value))]]);
    expect((await chat({ model: "chat" })).json()).toEqual(value);
  });
});

describe("a provider outside", () => {
  it("gets the secret as its key, its own path, and nothing about the client; logs never hold it", async () => {
    const outside = await up(json(200, { from: "outside" }));
    const backend: BackendSnapshot = {
      kind: "provider",
      id: "outside",
      provider: "example",
      baseUrl: `http://127.0.0.1:${outside.port}/compat/v1/`,
      model: "big-model",
      apiKeySecret: "outside",
    };
    const down = await up(json(500, {}));
    await publish([[down]], { backends: [backend] });
    const reply = await chat(
      { model: "chat" },
      { headers: { authorization: "Bearer fb-key", cookie: "canary", "x-internal": "1" } },
    );
    expect(reply.json()).toEqual({ from: "outside" });
    const seen = outside.received[0];
    expect(seen?.url).toBe("/compat/v1/chat/completions");
    expect(JSON.parse(seen?.body.toString() ?? "").model).toBe("big-model");
    expect(seen?.headers.authorization).toBe("Bearer sk-canary-provider");
    expect(seen?.headers.host).toBe(`127.0.0.1:${outside.port}`);
    for (const name of ["cookie", "x-internal", "x-forwarded-for"]) expect(seen?.headers).not.toHaveProperty(name);
  });

  it("that refuses our key is a failed backend, not the client's mistake", async () => {
    const outside = await up(json(401, { error: { message: "Incorrect API key sk-can***" } }));
    const backend: BackendSnapshot = {
      kind: "provider",
      id: "outside2",
      provider: "example",
      baseUrl: `http://127.0.0.1:${outside.port}`,
      model: "m",
      apiKeySecret: "outside",
    };
    await publish([], { backends: [backend] });
    const reply = await chat({ model: "chat" });
    expect([reply.status, reply.json().error.code]).toEqual([502, "FB_GATEWAY_BACKENDS_FAILED"]);
    expect(reply.text).not.toContain("sk-");
  });
});

it("answers unknown paths of the model API in OpenAI's form", async () => {
  await publish([[await up(json(200, {}))]]);
  const reply = await chat({ model: "chat" }, { path: "/v1/images" });
  expect([reply.status, reply.json().error.code]).toEqual([404, "FB_GATEWAY_NO_ROUTE"]);
});
