// A call whose first token is late is sent to a second place; the first content wins and the other place stops working.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createFakeUpstream, DEFAULT_MODEL, modelAnswer, type FakeUpstream } from "@flyball/fakes";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { createModelStage } from "../testdata/model-stage.ts";
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

function ask(name: string, more: object, headers: object): Promise<Reply> {
  return send({
    port: rig.port("models"),
    path: "/v1/chat/completions",
    headers: { authorization: "Bearer fb-key", "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: name, stream: true, messages: [], ...more }),
  });
}

const sum = (name: "requests" | "aborted"): number =>
  upstreams.reduce((total, upstream) => total + upstream.counts[name], 0);

/** Two calls at once, so that one of them begins at the place that is late. */
async function askTwice(
  name: string,
  more: object = {},
  headers: object = {},
): Promise<{ requests: number; aborted: number }> {
  const [requests, aborted] = [sum("requests"), sum("aborted")];
  const replies = await Promise.all([ask(name, more, headers), ask(name, more, headers)]);
  for (const { status, text } of replies) {
    expect(status).toBe(200);
    expect(text).toContain("three");
    expect(new Set(text.match(/"id":"[^"]+"/g) ?? []).size).toBeLessThanOrEqual(1);
  }
  await rig.waitUntil(() => upstreams.every(({ counts }) => counts.open === 0), "both places are idle");
  return { requests: sum("requests") - requests, aborted: sum("aborted") - aborted };
}

describe("a call whose first token is late", { retry: 2 }, () => {
  beforeEach(() => upstreams[0]?.set({ delayMs: 600 }));

  it("comes from the second place, and the first one stops working", async () => {
    expect(await askTwice("chat")).toEqual({ requests: 3, aborted: 1 });
  });

  it("waits where the share of second attempts is spent", async () => {
    expect(await askTwice("thrifty")).toEqual({ requests: 2, aborted: 0 });
  });

  it("waits where it is a repetition already, however often its caller would repeat it", async () => {
    expect(await askTwice("chat", {}, { "x-flyball-attempt": "2" })).toEqual({ requests: 2, aborted: 0 });
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

describe("the share of calls that get a second attempt", () => {
  it("is one of calls, however many attempts each of them needs", async () => {
    const stage = await createModelStage(8);
    try {
      const seen = new Set<unknown>();
      for (const upstream of stage.upstreams) {
        upstream.set({
          respond(request) {
            const { "x-request-id": id } = request.headers;
            if (!seen.has(id)) {
              seen.add(id);
              return { status: 500, headers: {}, body: "no" };
            }
            return late(modelAnswer(DEFAULT_MODEL, request)?.body as readonly string[], 250);
          },
        });
      }
      const backends = [stage.pool([0, 1, 2, 3, 4, 5, 6, 7])];
      await stage.serve({ chat: { backends, hedge: { afterMs: 60, costCap: 0.5 } } });
      const calls = 10;
      for (let call = 0; call < calls; call += 1) {
        expect((await stage.ask("chat", { stream: true })).status).toBe(200);
      }
      const attempts = stage.counts().reduce((total, count) => total + count, 0);
      // Two for each call, and a third for every second one; one that found no place in time is made up for later.
      expect(attempts - 2 * calls).toBeLessThanOrEqual(calls / 2);
      expect(attempts - 2 * calls).toBeGreaterThanOrEqual(calls / 2 - 2);
    } finally {
      await stage.dispose();
    }
  });
});

/** A stream whose first event comes after this long. */
function late(pieces: readonly string[], delayMs: number) {
  async function* body() {
    await new Promise<void>((resolve) => void setTimeout(resolve, delayMs));
    yield* pieces;
  }
  return { status: 200, headers: { "content-type": "text/event-stream" }, body: body() };
}
