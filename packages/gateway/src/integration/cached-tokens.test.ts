// What engines tell of cached tokens, over real workers: a prompt that an endpoint does not keep goes by load again, and one that it tells to have
// goes there.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startFakeEngine, type FakeEngine } from "../testdata/fake-engine.ts";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 40_000, hookTimeout: 30_000 });

let rig: Rig;
let engines: readonly [FakeEngine, FakeEngine];

beforeEach(async () => {
  engines = [await startFakeEngine(), await startFakeEngine()];
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret" }, workers: 2 });
  rig.send(
    snapshot(1, {
      listeners: ["models"],
      pools: [
        pool(
          "llm",
          engines.map(({ upstream }, index) =>
            endpoint(`llm/${index}@1`, upstream.port, { maxActive: 8, capacity: 8 }),
          ),
        ),
      ],
      models: [model("chat", ["llm"])],
      keys: [key("app", "secret", ["chat"])],
    }),
  );
  await rig.start().ready;
});

afterEach(async () => {
  await rig.dispose();
  await Promise.all(engines.map(({ upstream }) => upstream.kill()));
});

function ask(messages: readonly unknown[]): Promise<Reply> {
  return send({
    port: rig.port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: "Bearer app", "content-type": "application/json" },
    body: JSON.stringify({ model: "chat", stream: true, messages }),
  });
}

const say = (content: string): unknown => ({ role: "user", content });
const holds = (name: string): number => engines.findIndex(({ begun }) => begun.includes(name));

/** One turn of a talk, answered at once; returns the engine that it came to. */
async function turn(talk: string, number: number): Promise<number> {
  const name = `${talk} ${number}`;
  const reply = ask([say(`${talk} ${"about many things ".repeat(200)}`), say(name)]);
  await rig.waitUntil(() => holds(name) >= 0, name);
  engines[holds(name)]?.finish(name);
  expect((await reply).status).toBe(200);
  return holds(name);
}

/** Runs something while one engine is busier than the other by some short requests. */
async function whileBusy<Result>(busy: number, run: () => Promise<Result>): Promise<Result> {
  const replies: Promise<Reply>[] = [];
  const started = new Set<string>();
  for (let index = 0; (engines[busy]?.active ?? 0) < 3; index += 1) {
    const name = `short ${performance.now()} ${index}`.slice(0, 40);
    started.add(name);
    replies.push(ask([say(name)]));
    await rig.waitUntil(() => holds(name) >= 0, name);
  }
  for (const name of started) if (holds(name) !== busy) engines[1 - busy]?.finish(name);
  await rig.waitUntil(() => engines[1 - busy]?.active === 0, "one idle engine");
  const result = await run();
  for (const each of engines) each.finish();
  await Promise.all(replies);
  return result;
}

const tell = (cachedShare: number): void => {
  for (const each of engines) each.cachedShare = cachedShare;
};

/** A talk whose engine tells to have its prompt, and then twice not to have it. Returns that engine. */
async function missTwice(talk: string): Promise<number> {
  tell(0.9);
  const home = await turn(talk, 1);
  // Known there, and so it goes there although the other one is idle.
  expect(await whileBusy(home, () => turn(talk, 2))).toBe(home);
  tell(0);
  expect(await turn(talk, 3)).toBe(home);
  expect(await whileBusy(home, () => turn(talk, 4))).toBe(home);
  return home;
}

describe("what engines tell of cached tokens", () => {
  it("forgives an endpoint one miss, and sends a prompt that it misses again where the load is less", async () => {
    const home = await missTwice("one talk");
    expect(await whileBusy(home, () => turn("one talk", 5))).toBe(1 - home);
  });

  it("sends a prompt back to an endpoint that tells to have it after all", async () => {
    const home = await missTwice("other talk");
    tell(0.9);
    expect(await whileBusy(1 - home, () => turn("other talk", 5))).toBe(home);
    expect(await whileBusy(home, () => turn("other talk", 6))).toBe(home);
  });
});
