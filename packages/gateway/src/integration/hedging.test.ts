// A call whose first token is late is sent to a second place; the first content wins and the other place stops working.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeUpstream, type FakeUpstream } from "@flyball/fakes";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let rig: Rig;
let upstreams: FakeUpstream[];

beforeAll(async () => {
  upstreams = await Promise.all([0, 1].map(() => createFakeUpstream()));
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret" } });
  const hedge = { afterMs: 60, costCap: 1 };
  rig.send(
    snapshot(1, {
      listeners: ["models"],
      pools: [
        pool(
          "llm",
          upstreams.map(({ address }, ordinal) => endpoint(`llm/${ordinal}@1`, address.port)),
        ),
      ],
      models: [
        { ...model("chat", ["llm"]), hedge },
        { ...model("thrifty", ["llm"]), hedge: { ...hedge, costCap: 0 } },
      ],
      keys: [key("fb-key", "secret", ["chat", "thrifty"])],
    }),
  );
  await rig.start().ready;
});
afterAll(async () => {
  await rig.dispose();
  await Promise.all(upstreams.map((upstream) => upstream.dispose()));
});
beforeEach(() => upstreams.forEach((upstream) => upstream.reset()));

function ask(name: string, more: object = {}): Promise<Reply> {
  return send({
    port: rig.port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: "Bearer fb-key", "content-type": "application/json" },
    body: JSON.stringify({ model: name, stream: true, messages: [], ...more }),
  });
}

const sum = (name: "requests" | "aborted"): number =>
  upstreams.reduce((total, upstream) => total + upstream.counts[name], 0);

/** Two calls at once, so that one of them begins at the place that is late. */
async function askTwice(name: string, more: object = {}): Promise<{ requests: number; aborted: number }> {
  const [requests, aborted] = [sum("requests"), sum("aborted")];
  const replies = await Promise.all([ask(name, more), ask(name, more)]);
  for (const { status, text } of replies) {
    expect(status).toBe(200);
    expect(text).toContain("three");
    expect(new Set(text.match(/"id":"[^"]+"/g) ?? []).size).toBeLessThanOrEqual(1);
  }
  await rig.waitUntil(() => upstreams.every(({ counts }) => counts.open === 0), "both places are idle");
  return { requests: sum("requests") - requests, aborted: sum("aborted") - aborted };
}

describe("a call whose first token is late", () => {
  beforeEach(() => upstreams[0]?.set({ delayMs: 600 }));

  it("comes from the second place, and the first one stops working", async () => {
    expect(await askTwice("chat")).toEqual({ requests: 3, aborted: 1 });
  });

  it("waits where the share of second attempts is spent", async () => {
    expect(await askTwice("thrifty")).toEqual({ requests: 2, aborted: 0 });
  });

  it("waits where it is no stream", async () => {
    expect(await askTwice("chat", { stream: false })).toEqual({ requests: 2, aborted: 0 });
  });

  it("goes on at the first place when the second one fails", async () => {
    let asked = 0;
    upstreams[1]?.set({
      respond: () => ((asked += 1) > 1 ? { status: 500, headers: {}, body: "no" } : undefined),
    });
    expect(await askTwice("chat")).toEqual({ requests: 3, aborted: 0 });
  });
});
