// Attack 27 at the model server: with one prompt cache for all, a tenant reads from the time of an answer what another one has sent.
import type { KeySnapshot } from "@flyball/core";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createRig, type Rig } from "../../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../../testdata/snapshots.ts";
import { send } from "../../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const SECRET = "canary-key-secret";
let upstream: FakeUpstream;
let rig: Rig;

beforeAll(async () => {
  upstream = await createFakeUpstream();
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": SECRET } });
  const of = (value: string, more: Partial<KeySnapshot>): KeySnapshot => ({ ...key(value, SECRET, ["*"]), ...more });
  const backend = (name: string, traits: string) =>
    ({ kind: "pool", id: `${name}/0`, pool: "llm", model: "m", traits }) as const;
  rig.send(
    snapshot(1, {
      listeners: ["models"],
      pools: [pool("llm", [endpoint("llm/0@1", upstream.address.port)])],
      models: ["vllm", "sglang"].map((name) => ({ ...model(name, []), backends: [backend(name, name)] })),
      keys: [of("app", {}), of("one", { tenant: "one" }), of("too", { tenant: "one" }), of("two", { tenant: "two" })],
    }),
  );
  await rig.start().ready;
});
afterAll(async () => {
  await rig.dispose();
  await upstream.dispose();
});
beforeEach(() => upstream.reset());

const MESSAGES = { messages: [{ role: "user", content: "hi" }] };

/** The body that reached the model server. */
async function sent(value: string, more: object = {}, path = "/v1/chat/completions"): Promise<Record<string, unknown>> {
  const body = { model: "vllm", max_tokens: 9, ...(path.endsWith("/completions") ? MESSAGES : {}), ...more };
  const reply = await send({
    port: rig.port("models"),
    path,
    headers: { authorization: `Bearer ${value}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(reply.status).toBe(200);
  return JSON.parse(upstream.requests.at(-1)?.body.toString() ?? "") as Record<string, unknown>;
}

describe("27: a prompt cache is kept apart by tenant", () => {
  it("with one salt for all keys and calls of a tenant, and another one for another", async () => {
    const one = (await sent("one"))["cache_salt"];
    expect(one).toMatch(/^[\w-]{43}$/);
    expect((await sent("too"))["cache_salt"]).toBe(one);
    expect((await sent("one", { stream: true }))["cache_salt"]).toBe(one);
    expect((await sent("two"))["cache_salt"]).not.toBe(one);
  });

  it("in every dialect", async () => {
    const { cache_salt: one } = await sent("one");
    expect(await sent("one", { prompt: "hi" }, "/v1/completions")).toMatchObject({ cache_salt: one });
    expect(await sent("one", { input: "hi", max_tokens: undefined }, "/v1/responses")).toMatchObject({
      cache_salt: one,
    });
    expect(await sent("one", MESSAGES, "/v1/messages")).toMatchObject({ cache_salt: one, model: "m" });
  });

  it("whatever salt a client brings: it divides its own tenant's cache and opens no other", async () => {
    const { cache_salt: two } = await sent("two");
    const forged = (await sent("one", { cache_salt: two }))["cache_salt"];
    expect(forged).toMatch(/^[\w-]{43}$/);
    expect([two, (await sent("one"))["cache_salt"]]).not.toContain(forged);
    expect((await sent("one", { cache_salt: two }))["cache_salt"]).toBe(forged);
    expect((await sent("two", { cache_salt: two }))["cache_salt"]).not.toBe(forged);
    expect((await sent("one", { cache_salt: null }))["cache_salt"]).toBe((await sent("one"))["cache_salt"]);
  });

  it("and nothing is added for keys of no tenant, nor for servers that know no salt", async () => {
    expect(await sent("app")).not.toHaveProperty("cache_salt");
    expect((await sent("app", { cache_salt: "own" }))["cache_salt"]).toBe("own");
    expect(await sent("one", { model: "sglang" })).not.toHaveProperty("cache_salt");
    expect(await sent("one", { input: "hi" }, "/v1/embeddings")).not.toHaveProperty("cache_salt");
  });
});
