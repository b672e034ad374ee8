// What a gateway tells about itself: metrics, traces, logs, journal; and what none of them may ever hold (attack 8).
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { readdir, readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { NO_LIMITS, type BackendSnapshot, type LimitPolicy } from "@flyball/core";
import { createFakeUpstream, DEFAULT_MODEL, type FakeUpstream } from "@flyball/fakes";
import { createRig, type GatewayProcess, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT = "00f067aa0ba902b7";
const TRACEPARENT = `00-${TRACE}-${PARENT}-01`;
const CANARIES = {
  key: "fb-canary-key",
  secret: "canary-hash-secret",
  provider: "sk-canary-provider-key",
  collector: "canary-collector-token",
  prompt: "canary prompt text",
  answer: "canary answer text",
  stop: "canary stop sequence",
  query: "canary-query",
  header: "canary-cookie",
};

interface Exported {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface ShownSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

let collector: Server;
const exported: Exported[] = [];
let collectorStatus = 200;
let first: FakeUpstream;
let second: FakeUpstream;
let rig: Rig;
let gateway: GatewayProcess;

beforeAll(async () => {
  collector = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => (body += text));
    request.on("end", () => {
      if (collectorStatus === 200) exported.push({ headers: request.headers, body });
      response.writeHead(collectorStatus, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => void collector.listen(0, "127.0.0.1", resolve));
  [first, second] = await Promise.all([createFakeUpstream(), createFakeUpstream()]);
  const said = { ...DEFAULT_MODEL, parts: [{ kind: "text" as const, pieces: [CANARIES.answer, "!"] }] };
  for (const upstream of [first, second]) upstream.set({ model: said });
  rig = await createRig({
    listeners: ["models", "admin"],
    secrets: { "@keys": CANARIES.secret, outside: CANARIES.provider },
    environment: {
      FLYBALL_LOG_LEVEL: "debug",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${(collector.address() as AddressInfo).port}`,
      OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${CANARIES.collector}`,
      OTEL_SERVICE_NAME: "rag-gateway",
    },
  });
  const outside: BackendSnapshot = {
    kind: "provider",
    id: "outside/deepseek",
    provider: "deepseek",
    baseUrl: `${second.url}/v1`,
    model: "deepseek-chat",
    apiKeySecret: "outside",
    allowsPrivateAddress: true,
  } as BackendSnapshot;
  rig.send(
    snapshot(1, {
      listeners: ["models", "admin"],
      pools: [
        pool("one", [endpoint("one/0@1", first.address.port)]),
        pool("two", [endpoint("two/0@1", second.address.port)]),
      ],
      models: [
        model("chat", ["one", "two"]),
        model("outside", [], { backends: [outside] }),
        model("kept", ["one"], { cache: { timeToLiveMs: 60_000, maximumBytes: 1024 * 1024 } }),
      ],
      keys: [
        key(CANARIES.key, CANARIES.secret, ["chat", "outside", "kept"]),
        {
          ...key("fb-limited", CANARIES.secret, ["chat"]),
          limits: { ...NO_LIMITS, rates: [{ unit: "requests", limit: 1, windowMs: 60_000 }] } as LimitPolicy,
        },
      ].map((each, index) => ({ ...each, id: `k${index}` })),
    }),
  );
  gateway = rig.start();
  await gateway.ready;
});
afterAll(async () => {
  await rig.dispose();
  collector.closeAllConnections();
  collector.close();
  await Promise.all([first.dispose(), second.dispose()]);
});

function ask(more: object = {}, headers: Record<string, string> = {}): Promise<Reply> {
  return send({
    port: rig.port("models"),
    path: `/v1/chat/completions?api=${CANARIES.query}`,
    headers: {
      authorization: `Bearer ${CANARIES.key}`,
      "content-type": "application/json",
      cookie: `session=${CANARIES.header}`,
      ...headers,
    },
    body: JSON.stringify({
      model: "chat",
      max_tokens: 20,
      stop: [CANARIES.stop],
      messages: [{ role: "user", content: CANARIES.prompt }],
      ...more,
    }),
  });
}

const metrics = async (): Promise<string> => (await send({ port: rig.port("admin"), path: "/metrics" })).text;

function spans(): ShownSpan[] {
  return exported.flatMap(({ body }) => {
    const value = JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Record<string, unknown>[] }[] }[] };
    const list = value.resourceSpans.flatMap((each) => each.scopeSpans.flatMap((scope) => scope.spans));
    return list.map((span) => {
      const attributes = span["attributes"] as { key: string; value: Record<string, unknown> }[];
      const named = attributes.map((each) => [each.key, Object.values(each.value)[0]]);
      return { ...span, attributes: Object.fromEntries(named) } as unknown as ShownSpan;
    });
  });
}

/** The spans of the call with this id, once they are exported: the call's own first. */
async function spansOf(reply: Reply): Promise<ShownSpan[]> {
  const id = reply.headers["x-request-id"];
  const own = (): ShownSpan | undefined => spans().find(({ attributes }) => attributes["flyball.request.id"] === id);
  await vi.waitFor(() => expect(own()).toBeDefined(), 5_000);
  const call = own() as ShownSpan;
  return [call, ...spans().filter(({ parentSpanId }) => parentSpanId === call.spanId)];
}

const idSent = (upstream: FakeUpstream): unknown => upstream.requests.at(-1)?.headers["traceparent"];

describe("a trace", () => {
  it("goes on from the caller's span over each attempt to its backend", async () => {
    first.setNext({ status: 500, model: undefined });
    const reply = await ask({ stream: true, temperature: 0.5 }, { traceparent: TRACEPARENT, tracestate: "a=b" });
    expect(reply.status).toBe(200);
    const [call, ...attempts] = await spansOf(reply);
    expect(call).toMatchObject({ name: "chat chat", traceId: TRACE, parentSpanId: PARENT });
    expect(call?.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "flyball",
      "gen_ai.request.model": "chat",
      "gen_ai.response.model": "two-model",
      "gen_ai.response.finish_reasons": { values: [{ stringValue: "stop" }] },
      "gen_ai.request.stream": true,
      "gen_ai.request.temperature": 0.5,
      "gen_ai.usage.input_tokens": "7",
      "gen_ai.usage.output_tokens": "3",
      "flyball.attempts": "2",
      "flyball.outcome": "answered",
    });
    expect(call?.attributes["gen_ai.response.time_to_first_chunk"]).toBeGreaterThan(0);
    expect(reply.text).toContain(`"id":"${String(call?.attributes["gen_ai.response.id"])}"`);
    expect(attempts.map(({ attributes }) => attributes["flyball.attempt.outcome"])).toEqual([
      "server-error",
      "succeeded",
    ]);
    expect(attempts.map(({ attributes }) => attributes["server.port"])).toEqual([
      String(first.address.port),
      String(second.address.port),
    ]);
    expect([idSent(first), idSent(second)]).toEqual(attempts.map(({ spanId }) => `00-${TRACE}-${spanId}-01`));
    expect(second.requests.at(-1)?.headers["tracestate"]).toBe("a=b");
  });

  it("begins here for a call without one, and says so to the backend", async () => {
    const [call, attempt] = await spansOf(await ask({}, { tracestate: "a=b" }));
    expect(call?.parentSpanId).toBeUndefined();
    expect(idSent(first)).toBe(`00-${call?.traceId}-${attempt?.spanId}-01`);
    expect(first.requests.at(-1)?.headers["tracestate"]).toBeUndefined();
  });

  it("is not kept when its caller does not keep it, and is told on all the same", async () => {
    const reply = await ask({}, { traceparent: `00-${TRACE}-${PARENT}-00` });
    expect(idSent(first)).toMatch(new RegExp(`^00-${TRACE}-(?!${PARENT})[0-9a-f]{16}-00$`));
    await spansOf(await ask());
    expect(spans().some(({ attributes }) => attributes["flyball.request.id"] === reply.headers["x-request-id"])).toBe(
      false,
    );
  });

  it("is nothing that a provider outside is told of", async () => {
    const [call] = await spansOf(await ask({ model: "outside" }, { traceparent: TRACEPARENT, tracestate: "a=b" }));
    expect(call?.attributes).toMatchObject({
      "gen_ai.provider.name": "deepseek",
      "gen_ai.response.model": "deepseek-chat",
    });
    const { headers } = second.requests.at(-1) ?? {};
    expect(headers?.["authorization"]).toBe(`Bearer ${CANARIES.provider}`);
    expect([headers?.["traceparent"], headers?.["tracestate"]]).toEqual([undefined, undefined]);
  });

  it("goes to the collector with its headers, and names the service", async () => {
    await spansOf(await ask());
    const [one] = exported;
    expect(one?.headers.authorization).toBe(`Bearer ${CANARIES.collector}`);
    expect(one?.headers["content-type"]).toBe("application/json");
    expect(one?.body).toContain('{"key":"service.name","value":{"stringValue":"rag-gateway"}}');
  });

  it("costs no call anything while the collector refuses, and is counted as dropped", async () => {
    collectorStatus = 400;
    expect((await ask()).status).toBe(200);
    await vi.waitFor(
      async () => expect(await metrics()).toContain('flyball_traced_calls_total{result="dropped"} 1'),
      5_000,
    );
    collectorStatus = 200;
    await spansOf(await ask());
  });
});

describe("metrics", () => {
  it("count calls, tokens, times, the cache, refusals and the journal", async () => {
    await ask({ stream: true, model: "kept" });
    await ask({ stream: true, model: "kept" });
    const limited = { authorization: "Bearer fb-limited" };
    expect([(await ask({}, limited)).status, (await ask({}, limited)).status]).toEqual([200, 429]);
    const text = await metrics();
    const value = (start: string): number =>
      Number(
        text
          .split("\n")
          .find((line) => line.startsWith(start))
          ?.split(" ")
          .at(-1) ?? Number.NaN,
      );
    expect(value('flyball_model_requests_total{model="kept",backend="kept/one",outcome="answered"}')).toBe(1);
    expect(value('flyball_model_requests_total{model="kept",backend="cache",outcome="answered"}')).toBe(1);
    expect(value('flyball_model_tokens_total{model="kept",direction="input",source="reported"}')).toBe(7);
    expect(value('flyball_cache_lookups_total{model="kept",result="hit"}')).toBe(1);
    expect(value('flyball_cache_answers{model="kept"}')).toBe(1);
    expect(value('flyball_limit_refusals_total{kind="rate",subject="key",unit="requests"}')).toBe(1);
    expect(value("flyball_journal_written_bytes_total")).toBeGreaterThan(0);
    expect(value('flyball_open_connections{side="upstream"}')).toBeGreaterThan(0);
    const named = 'gen_ai_operation_name="chat",gen_ai_provider_name="flyball",gen_ai_request_model="kept"';
    expect(value(`gen_ai_server_time_to_first_token_seconds_count{${named}`)).toBe(1);
    expect(
      value(`gen_ai_client_token_usage_sum{${named},gen_ai_response_model="one-model",gen_ai_token_type="output"}`),
    ).toBe(3);
  });
});

describe("8: secrets and texts", () => {
  it("stand in no log, metric, trace or journal, whatever happens to a call", async () => {
    const echo = (text: string) => ({
      status: 200,
      headers: { "content-type": "application/json" },
      body: `{"error":{"message":"${text}","code":"${CANARIES.answer}","type":"${CANARIES.prompt}"}}`,
    });
    const everything = Object.values(CANARIES).join(" ");
    for (const status of [200, 400, 401, 402, 429, 500, 503]) {
      first.setNext({ respond: () => ({ ...echo(everything), status }) });
      second.setNext({ respond: () => ({ ...echo(everything), status }) });
      await ask({ stream: status % 2 === 0 });
      second.setNext({ respond: () => ({ ...echo(everything), status }) });
      await ask({ model: "outside" });
    }
    const trouble = (kind: "cut" | "error-event", atPiece: number) => ({
      model: { ...DEFAULT_MODEL, trouble: { atPiece, kind, code: CANARIES.answer, message: everything } },
    });
    for (const kind of ["cut", "error-event"] as const) {
      for (const atPiece of [0, 1]) {
        first.setNext(trouble(kind, atPiece));
        await ask({ stream: true });
      }
    }
    await ask({}, { authorization: `Bearer ${CANARIES.key}x`, "x-api-key": CANARIES.key });
    await send({ port: rig.port("models"), path: "/v1/chat/completions", body: `{"model":"${CANARIES.prompt}"` });
    await ask({ model: CANARIES.prompt });
    await vi.waitFor(() => expect(gateway.log()).toContain('"status":404'), 5_000);
    const names = await readdir(rig.journalFolder);
    const shown = {
      metrics: await metrics(),
      endpoints: (await send({ port: rig.port("admin"), path: "/endpoints" })).text,
      health: (await send({ port: rig.port("admin"), path: "/health" })).text,
      traces: exported.map(({ body }) => body).join("\n"),
      journal: (await Promise.all(names.map((name) => readFile(`${rig.journalFolder}/${name}`, "utf8")))).join("\n"),
      signals: JSON.stringify([rig.messages, rig.signals]),
    };
    gateway.child.kill("SIGTERM");
    await gateway.exited;
    for (const [place, text] of Object.entries({ ...shown, log: gateway.log() })) {
      expect(text.length, place).toBeGreaterThan(20);
      for (const [name, canary] of Object.entries(CANARIES)) {
        expect(text.includes(canary), `the ${name} in the ${place}`).toBe(false);
      }
      expect(text.includes("canary"), place).toBe(false);
    }
    expect(gateway.log()).toContain('"message":"request"');
    expect(gateway.log()).toContain('"key":"k0"');
  });
});
