// A model pool from the engine to the scaler's decision: a real gateway before a simulated engine learns its slots, tells its load by them, and the scaler
// of control asks for as many instances as that load needs.
import { createScaler } from "@flyball/traffic";
import type { PoolLoad } from "@flyball/core";
import { ENGINE_PROFILES } from "../../../engine-model/src/index.ts";
import { startSimulatedEngine, type RunningEngine } from "../../../engines/src/index.ts";
import { afterEach, expect, it } from "vitest";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { send } from "../testdata/test-client.ts";

const SLOTS = 6;
/** Each takes 1.2 s, so nine a second fill 10.8 slots: 2.4 instances at a target of 0.75. Taken for 16, one would do. */
const PER_SECOND = 9;

let rig: Rig;
let engine: RunningEngine;
afterEach(async () => {
  await rig.dispose();
  await engine.stop();
});

it("is scaled by the slots that were learned of its engine", { timeout: 60_000 }, async () => {
  const profile = { ...ENGINE_PROFILES["8b-a100"], stepBaseMs: 20, perSequenceMs: 0, maxConcurrency: SLOTS };
  engine = await startSimulatedEngine({ host: "127.0.0.1", port: 0, model: "llm-model", profile, outputTokens: 60 });
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret" }, environment: { TEST_SCRAPES: "1" } });
  const chat = model("chat", ["llm"]);
  rig.send(
    snapshot(1, {
      listeners: ["models"],
      pools: [pool("llm", [endpoint("llm/0@1", engine.port)], { maxWaitMs: 20_000 })],
      models: [{ ...chat, backends: [{ ...chat.backends[0]!, traits: "vllm" }] }],
      keys: [key("acme", "secret", ["chat"])],
    }),
  );
  await rig.start().ready;
  const loads = (): readonly PoolLoad[] =>
    rig.signals.filter((signal): signal is PoolLoad => signal.kind === "pool-load" && signal.pool === "llm");
  const body = JSON.stringify({ model: "chat", stream: true, messages: [{ role: "user", content: "Hello" }] });
  const headers = { authorization: "Bearer acme", "content-type": "application/json" };
  const port = rig.port("models");
  const replies: Promise<unknown>[] = [];
  const timer = setInterval(() => {
    replies.push(send({ port, path: "/v1/chat/completions", method: "POST", headers, body }).catch(() => undefined));
  }, 1_000 / PER_SECOND);
  try {
    await rig.waitUntil(() => (loads().at(-1)?.capacity ?? 16) <= SLOTS + 1, "its slots to be learned", 30_000);
    await rig.waitUntil(() => (loads().at(-1)?.queued ?? 0) > 0, "a queue in the gateway", 20_000);
  } finally {
    clearInterval(timer);
  }
  const seen = loads().at(-1) as PoolLoad;
  const { load, backlog, capacity, inFlight, waiting } = seen;
  // In one unit: as many requests as there are, against as many as fit.
  expect((load + backlog) / capacity).toBeCloseTo((inFlight + waiting) / capacity, 0);
  expect((load + backlog) / capacity).toBeGreaterThan(1);
  const scaler = createScaler({ min: 1, max: 3, target: 0.75, windowMs: 2_000 });
  for (const said of loads()) {
    const { to: at, arrived, refused, serving } = said;
    const requests = said.inFlight + said.waiting;
    scaler.add({
      at,
      load: said.load,
      backlog: said.backlog,
      requests,
      arrived,
      refused,
      capacity: said.capacity,
      serving,
    });
  }
  const facts = { now: seen.to, current: 1, coldStartMs: 2_000, room: 10, mayShrink: true };
  expect(scaler.decide(facts).desired).toBe(3);
  await Promise.all(replies);
});
