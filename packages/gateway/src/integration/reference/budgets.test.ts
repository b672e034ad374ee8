// Defect 8 of the reference: budgets that a route goes around, or that a restart forgets. The routes come from the gateway's own table of
// operations, so a new one is held to this without a word here.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { NO_LIMITS, type KeySnapshot, type LimitPolicy } from "@flyball/core";
import { createFakeUpstream, DEFAULT_MODEL, type FakeUpstream } from "@flyball/fakes";
import { MODEL_CALLS } from "../../calls/model-operation.ts";
import { createRig, type Rig } from "../../testdata/gateway-process.ts";
import { key, model, route, snapshot } from "../../testdata/snapshots.ts";
import { send, type Reply } from "../../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const BUDGET: LimitPolicy = { ...NO_LIMITS, budgets: [{ currency: "usd", microUnits: 100_000, per: "month" }] };
const RATE: LimitPolicy = { ...NO_LIMITS, rates: [{ unit: "requests", limit: 1, windowMs: 86_400_000 }] };

/** Who is exhausted, by the name of the key that asks. */
const KEYS: readonly KeySnapshot[] = [
  { ...key("own-budget", "secret", ["chat"]), limits: BUDGET },
  { ...key("own-rate", "secret", ["chat"]), limits: RATE },
  { ...key("of-tenant", "secret", ["chat"]), tenant: "acme" },
  key("of-model", "secret", ["small"]),
];

/** Every way to the model API: the listener for services, a public route, and one whose prefix is taken off. */
const DOORS = [
  { listener: "models", prefix: "/v1" },
  { listener: "public", prefix: "/v1" },
  { listener: "public", prefix: "/ai/v1" },
  { listener: "public", prefix: "/ai" },
] as const;

let rig: Rig;
let upstream: FakeUpstream;

beforeAll(async () => {
  // One answer costs more than all budgets: what comes to more than was reserved is counted whole.
  upstream = await createFakeUpstream({
    behaviour: { model: { ...DEFAULT_MODEL, usage: { input: 7, cached: 0, output: 1_000_000, reasoning: 0 } } },
  });
  rig = await createRig({ listeners: ["models", "public"], secrets: { "@keys": "secret" }, workers: 2, spares: 2 });
  const destination = { kind: "models", models: ["chat", "small"], requiresKey: true } as const;
  const backendOf = (name: string) =>
    ({
      kind: "provider",
      id: `${name}/0`,
      provider: "openai",
      baseUrl: `http://127.0.0.1:${upstream.address.port}/v1`,
      model: "gpt-4o-mini",
    }) as const;
  rig.send(
    snapshot(1, {
      listeners: ["models", "public"],
      routes: [
        route("api", "", { match: { pathPrefix: "/v1" }, destination }),
        route("ai", "", { match: { pathPrefix: "/ai" }, destination, stripsPrefix: true }),
      ],
      models: [
        { ...model("chat", []), backends: [backendOf("chat")] },
        { ...model("small", []), backends: [backendOf("small")], limits: BUDGET },
      ],
      tenants: [{ id: "acme", limits: BUDGET }],
      keys: KEYS,
    }),
  );
  await rig.start(1).ready;
});

afterAll(async () => {
  await rig?.dispose();
  await upstream?.dispose();
});

const modelOf = (name: string): string => (name === "of-model" ? "small" : "chat");

function ask(name: string, listener: string, path: string, isForm: boolean): Promise<Reply> {
  const content = { model: modelOf(name), max_tokens: 10, input: "x", messages: [{ role: "user", content: "x" }] };
  const form = `--b\r\ncontent-disposition: form-data; name="model"\r\n\r\n${modelOf(name)}\r\n--b--\r\n`;
  return send({
    port: rig.port(listener),
    path,
    method: "POST",
    headers: {
      authorization: `Bearer ${name}`,
      "content-type": isForm ? "multipart/form-data; boundary=b" : "application/json",
    },
    body: isForm ? form : JSON.stringify(content),
  });
}

describe("3.8 every route with a key that has nothing left", () => {
  const cases = KEYS.flatMap(({ id }) => DOORS.map((door) => ({ name: id.replace(/^key-/, ""), door })));

  it("is served once before: the budget is what is missing later", async () => {
    for (const { id } of KEYS) {
      const reply = await ask(id.replace(/^key-/, ""), "models", "/v1/chat/completions", false);
      expect(reply.status).toBe(200);
    }
  });

  const refuseAll = async (name: string, { listener, prefix }: (typeof DOORS)[number]): Promise<void> => {
    const asked = upstream.counts.requests;
    expect(MODEL_CALLS.size).toBeGreaterThan(10);
    for (const [path, { kind }] of MODEL_CALLS) {
      const reply = await ask(name, listener, prefix + path, kind === "form");
      expect([path, reply.status]).toEqual([path, 429]);
      expect(reply.text).toMatch(path.startsWith("/messages") ? /rate_limit_error/ : /FB_GATEWAY_(BUDGET|LIMIT)/);
      expect([reply.text, Number(reply.headers["retry-after"]) > 0]).toEqual([reply.text, true]);
    }
    expect(upstream.counts.requests).toBe(asked);
  };

  it.each(cases)("refuses before the upstream is called: $name at $door.listener $door.prefix", ({ name, door }) =>
    refuseAll(name, door),
  );

  it("still refuses after kill −9 and a restart", async () => {
    process.kill(rig.pid, "SIGKILL");
    await rig.start(2).ready;
    for (const { name, door } of cases) await refuseAll(name, door);
  });
});
