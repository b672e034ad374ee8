// Test 19 of the reference list: a change of the configuration is one moment for all workers, fails nobody, and an invalid one changes
// nothing. Changes of plain services under load are tested in integration/snapshots.test.ts.
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { ModelSnapshot, Snapshot } from "@flyball/core";
import { createFakeUpstream, DEFAULT_MODEL, type FakeUpstream } from "@flyball/fakes";
import { createRig, type Rig } from "../../testdata/gateway-process.ts";
import { endpoint, key, pool, snapshot, TIMEOUTS } from "../../testdata/snapshots.ts";
import { send, type Reply } from "../../testdata/test-client.ts";
import { CLIENT_KEY, PAIRS, type DialectPair } from "./testdata/client-faces.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const WORDS = ["red", "green"] as const;
const ALIAS = { "openai-compatible": "plain", openai: "open", anthropic: "claude" } as const;
let rig: Rig;
let upstreams: readonly FakeUpstream[];
let version = 0;

beforeAll(async () => {
  upstreams = await Promise.all(
    WORDS.map((word) =>
      createFakeUpstream({
        behaviour: { model: { ...DEFAULT_MODEL, parts: [{ kind: "text", pieces: [word, "!"] }] } },
      }),
    ),
  );
  rig = await createRig({ listeners: ["models", "admin"], workers: 2, secrets: { "@keys": "secret" } });
  rig.send(saying("red"));
  await rig.start().ready;
});
afterAll(async () => {
  await rig.dispose();
  await Promise.all(upstreams.map((upstream) => upstream.dispose()));
});

/** A snapshot in which every model says this word. */
function saying(word: (typeof WORDS)[number]): Snapshot {
  version += 1;
  const models = Object.entries(ALIAS).map(([traits, name]): ModelSnapshot => ({
    name,
    timeouts: TIMEOUTS,
    backends: [{ kind: "pool", id: `${name}/0`, pool: word, model: "fake-model", traits }],
  }));
  return snapshot(version, {
    listeners: ["models", "admin"],
    pools: WORDS.map((id, index) => pool(id, [endpoint(`${id}/0@1`, upstreams[index]?.address.port ?? 0)])),
    models,
    keys: [key(CLIENT_KEY, "secret", Object.values(ALIAS))],
  });
}

function ask({ face, backend }: DialectPair): Promise<Reply> {
  return send({
    port: rig.port("models"),
    path: face.path,
    method: "POST",
    headers: face.headers,
    body: JSON.stringify(face.body(ALIAS[backend], true)),
  });
}

/** What is said to each of some clients that come at once, and the workers that they met. */
async function askAll(times: number): Promise<{ readonly said: ReadonlySet<string>; readonly workers: number }> {
  const pairs = Array.from({ length: times }, (_, index) => PAIRS[index % PAIRS.length] as DialectPair);
  const replies = await Promise.all(pairs.map(async (pair) => ({ pair, reply: await ask(pair) })));
  const ids = replies.map(({ reply }) => String(reply.headers["x-request-id"]));
  return {
    said: new Set(replies.map(({ pair, reply }) => `${reply.status} ${pair.face.said(reply.text)}`)),
    // The ids that one worker gives begin alike.
    workers: new Set(ids.map((id) => id.slice(0, id.lastIndexOf("_")))).size,
  };
}

/** Clients that ask one after the other, in every dialect, while something is done. */
async function underLoad(
  act: () => Promise<void>,
): Promise<{ readonly failures: readonly string[]; readonly calls: number }> {
  const failures: string[] = [];
  let calls = 0;
  const state = { isRunning: true };
  const clients = PAIRS.map(async (pair) => {
    while (state.isRunning) {
      const reply = await ask(pair).catch(String);
      calls += 1;
      const said = typeof reply === "string" ? reply : `${reply.status} ${pair.face.said(reply.text)}`;
      if (!/^200 (red|green)!$/.test(said)) failures.push(said);
    }
  });
  try {
    await act();
  } finally {
    state.isRunning = false;
    await Promise.all(clients);
  }
  return { failures, calls };
}

describe("3.19 a change of the configuration", () => {
  it("under load fails nobody, and once it is told to be served every worker serves it", async () => {
    let workers = 0;
    const { failures, calls } = await underLoad(async () => {
      for (let change = 0; change < 12; change += 1) {
        const word = WORDS[(change + 1) % 2] as (typeof WORDS)[number];
        const startedAt = performance.now();
        expect(await rig.publish(saying(word))).toBe("applied");
        expect(performance.now() - startedAt).toBeLessThan(2_000);
        const met = await askAll(24);
        expect([...met.said]).toEqual([`200 ${word}!`]);
        workers = Math.max(workers, met.workers);
        const health = (await send({ port: rig.port("admin"), path: "/health" })).json();
        expect([health.snapshotVersion, health.workers]).toEqual([version, 2]);
      }
    });
    expect(failures).toEqual([]);
    expect(calls).toBeGreaterThan(50);
    expect(workers).toBe(2);
  });

  it.each([
    [
      "a backend whose pool is not there",
      (good: Snapshot) => ({ ...good, pools: good.pools.filter(({ id }) => id !== "green") }),
      "green",
    ],
    [
      "an endpoint without capacity",
      ({ pools, ...good }: Snapshot) => ({
        ...good,
        pools: pools.map((each) => ({ ...each, endpoints: each.endpoints.map((one) => ({ ...one, capacity: 0 })) })),
      }),
      "capacity",
    ],
    ["an unknown format", (good: Snapshot) => ({ ...good, format: "flyball.snapshot/v99" as never }), "v99"],
  ])("with %s is refused with a reason, and every worker keeps the old one", async (_name, spoil, reason) => {
    expect(await rig.publish(saying("red"))).toBe("applied");
    const served = version;
    const { failures } = await underLoad(async () => {
      const bad = spoil(saying("green"));
      expect(await rig.publish(bad)).toContain(reason);
      const { said } = await askAll(24);
      expect([...said]).toEqual(["200 red!"]);
    });
    expect(failures).toEqual([]);
    expect((await send({ port: rig.port("admin"), path: "/health" })).json().snapshotVersion).toBe(served);
    expect(await rig.publish(saying("green"))).toBe("applied");
    expect([...(await askAll(14)).said]).toEqual(["200 green!"]);
  });
});
