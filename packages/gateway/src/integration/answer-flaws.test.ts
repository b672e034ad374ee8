// What the gateway tells of whole answers that are none, over real sockets, for every way in which they come.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { RequestEvidence } from "@flyball/core";
import { DEFAULT_MODEL, type FakeUpstream, type ModelBehaviour } from "@flyball/fakes";
import { createModelStage, type ModelStage } from "../testdata/model-stage.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

let stage: ModelStage;
const upstream = () => stage.upstreams[0] as FakeUpstream;
beforeAll(async () => {
  stage = await createModelStage(1);
  await stage.serve({
    chat: { backends: [stage.pool([0])] },
    claude: { backends: [stage.provider(0, "anthropic")] },
  });
});
afterAll(() => stage.dispose());
afterEach(() => {
  upstream().reset();
  stage.rig.signals.length = 0;
});

const says = (pieces: readonly string[], more: Partial<ModelBehaviour> = {}): void =>
  upstream().set({ model: { ...DEFAULT_MODEL, parts: [{ kind: "text", pieces }], ...more } });

/** Sums of all that was judged until something was. */
async function judged(): Promise<{ readonly judged: number; readonly flaws: Record<string, number> }> {
  const seen = () =>
    stage.rig.signals.filter((signal): signal is RequestEvidence => signal.kind === "requests" && "judged" in signal);
  await stage.rig.waitUntil(() => seen().length > 0, "a judged answer");
  const flaws: Record<string, number> = {};
  for (const each of seen()) {
    for (const [flaw, count] of Object.entries(each.flaws ?? {})) flaws[flaw] = (flaws[flaw] ?? 0) + count;
  }
  return { judged: seen().reduce((sum, each) => sum + (each.judged ?? 0), 0), flaws };
}

const LOOP = Array.from({ length: 120 }, () => " and so it goes on and on");
const QUESTION = "请告诉我为什么天空是蓝色的，为什么黄昏的时候又会变成红色的呢？请说得详细一些。";
const ENGLISH = ["The sky is blue because short waves are scattered far more strongly than long ones. ".repeat(6)];

describe.each(["chat", "claude"])("an answer of %s", (model) => {
  it.each([true, false])("with nothing wrong is counted, streamed: %s", async (stream) => {
    says(["Three", " good", " words"]);
    expect((await stage.ask(model, { stream })).status).toBe(200);
    expect(await judged()).toEqual({ judged: 1, flaws: {} });
  });

  it.each([true, false])("that repeats itself to the end is a loop, streamed: %s", async (stream) => {
    says(LOOP);
    expect((await stage.ask(model, { stream })).status).toBe(200);
    expect(await judged()).toEqual({ judged: 1, flaws: { loop: 1 } });
  });

  it("in another script than the question is told", async () => {
    says(ENGLISH);
    await stage.ask(model, { messages: [{ role: "user", content: QUESTION }] });
    expect(await judged()).toEqual({ judged: 1, flaws: { language: 1 } });
  });
});

it("that is no JSON where a schema was asked for is told, and one without content too", async () => {
  says(["I would rather not"]);
  const schema = { type: "object", required: ["answer"], properties: { answer: { type: "string" } } };
  const format = { type: "json_schema", json_schema: { name: "a", schema } };
  await stage.ask("chat", { response_format: format });
  expect((await judged()).flaws).toEqual({ schema: 1 });
  says([""]);
  await stage.ask("chat");
  await stage.rig.waitUntil(
    () => stage.rig.signals.some((signal) => signal.kind === "requests" && signal.flaws?.empty === 1),
    "the empty one",
  );
  expect(await stage.metric("flyball_judged_answers_total{")).toBeGreaterThan(5);
});

it("is not judged when it is cut off by its client's bound, as far as its form goes", async () => {
  says(['{"answer": "it is'], { finish: "length" });
  await stage.ask("chat", { response_format: { type: "json_object" } });
  expect(await judged()).toEqual({ judged: 1, flaws: {} });
});
