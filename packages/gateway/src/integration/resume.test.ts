// A stream that is cut goes on at another place of the same model: what the client has at the end is the whole answer, once.
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { ModelSnapshot } from "@flyball/core";
import {
  createFakeUpstream,
  DEFAULT_MODEL,
  modelAnswer,
  type FakeUpstream,
  type ModelBehaviour,
  type StreamTrouble,
} from "@flyball/fakes";
import { createRig, type Rig } from "../testdata/gateway-process.ts";
import { endpoint, key, model, pool, snapshot, TIMEOUTS } from "../testdata/snapshots.ts";
import { send, type Reply } from "../testdata/test-client.ts";
import { eventsOf } from "./reference/testdata/client-faces.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const PIECES = ["One", " two", " three", " four", " five"];
const SCRIPT: ModelBehaviour = {
  ...DEFAULT_MODEL,
  parts: [{ kind: "text", pieces: PIECES }],
  usage: { input: 7, cached: 0, output: 5, reasoning: 0 },
};

let rig: Rig;
let upstreams: FakeUpstream[];

beforeAll(async () => {
  upstreams = await Promise.all([0, 1].map(() => createFakeUpstream({ behaviour: { model: SCRIPT } })));
  rig = await createRig({ listeners: ["models"], secrets: { "@keys": "secret" } });
  const serve = (name: string, more: Partial<ModelSnapshot>): ModelSnapshot => ({
    ...model(name, ["llm"], { timeouts: { ...TIMEOUTS, gapMs: 300 } }),
    backends: [{ kind: "pool", id: `${name}/0`, pool: "llm", model: "fake-model", traits: "vllm" }],
    ...more,
  });
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
        serve("chat", { isResumed: true }),
        serve("zh", { isResumed: true }),
        serve("plain", {}),
        serve("sglang", {
          isResumed: true,
          backends: [{ kind: "pool", id: "sglang/0", pool: "llm", model: "fake-model", traits: "sglang" }],
        }),
      ],
      keys: [key("fb-key", "secret", ["chat", "zh", "plain", "sglang"])],
    }),
  );
  await rig.start().ready;
});
afterAll(async () => {
  await rig.dispose();
  await Promise.all(upstreams.map((upstream) => upstream.dispose()));
});
beforeEach(() => upstreams.forEach((upstream) => upstream.reset()));

/** Whoever is asked first is in trouble at this piece; who goes on is not. */
function troubleOnce(kind: StreamTrouble["kind"], atPiece: number, script = SCRIPT): void {
  let isDone = false;
  const inTrouble = { ...script, trouble: { kind, atPiece } };
  for (const upstream of upstreams) {
    upstream.set({
      respond(request) {
        if (isDone) return undefined;
        isDone = true;
        return modelAnswer(inTrouble, request);
      },
    });
  }
}

function ask(more: object = {}, path = "/v1/chat/completions"): Promise<Reply> {
  const body = { model: "chat", stream: true, max_tokens: 50, messages: [{ role: "user", content: "count" }], ...more };
  return send({
    port: rig.port("models"),
    path,
    headers: { authorization: "Bearer fb-key", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

const said = (text: string): string =>
  [...text.matchAll(/"(?:content|text)":"((?:[^"\\]|\\.)*)"/g)]
    .map((match) => JSON.parse(`"${match[1]}"`) as string)
    .join("");

/** The body of the request that went on. */
function continuation(): Record<string, unknown> {
  const requests = upstreams.flatMap((upstream) => upstream.requests).toSorted((a, b) => a.receivedAt - b.receivedAt);
  const bodies = requests.map(({ body }) => JSON.parse(body.toString()) as object);
  const found = bodies.findLast((body) => "continue_final_message" in body);
  if (!found) throw new Error("nobody was asked to go on");
  return found as Record<string, unknown>;
}

describe("a stream that is cut", () => {
  it.each(["cut", "stall", "error-event", "end"] as const)("by %s goes on from the text so far", async (kind) => {
    for (const atPiece of [1, 2, 4]) {
      troubleOnce(kind, atPiece);
      const { text, status } = await ask();
      expect(status).toBe(200);
      expect(said(text)).toBe("One two three four five");
      expect(text).toMatch(/^: resumed at chat\/0$/m);
      expect(text.match(/"finish_reason":"stop"/g)).toHaveLength(1);
      expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
      expect(new Set(text.match(/"id":"[^"]+"/g)).size).toBe(1);
      upstreams.forEach((upstream) => upstream.reset());
    }
  });

  it("asks for no more than is left, in the conversation's own bytes", async () => {
    troubleOnce("cut", 2);
    await ask({ seed: 7 });
    expect(continuation()).toMatchObject({
      model: "fake-model",
      continue_final_message: true,
      add_generation_prompt: false,
      max_tokens: 48,
      messages: [
        { role: "user", content: "count" },
        { role: "assistant", content: "One two" },
      ],
    });
  });

  it("goes on for a client of another dialect in its own events", async () => {
    troubleOnce("cut", 3);
    const { text } = await ask({}, "/v1/messages");
    expect(said(text)).toBe("One two three four five");
    expect(text.match(/^event: content_block_start$/gm)).toHaveLength(1);
    expect(text.match(/^event: message_(?:start|delta|stop)$/gm)).toEqual([
      "event: message_start",
      "event: message_delta",
      "event: message_stop",
    ]);
  });

  describe.each([
    ["whose backend takes Responses", "chat"],
    ["that is translated", "sglang"],
  ])("goes on for a client of Responses %s", (_what, name) => {
    const askResponses = (more: object = {}): Promise<Reply> =>
      ask(
        { model: name, messages: undefined, max_tokens: undefined, max_output_tokens: 50, input: "count", ...more },
        "/v1/responses",
      );

    it.each(["cut", "stall", "error-event", "end"] as const)(
      "by %s, with the numbers and names that it has",
      async (kind) => {
        troubleOnce(kind, 2);
        const { text } = await askResponses();
        const all = eventsOf(text);
        expect(text).toContain("resumed at");
        expect(all.map(({ sequence_number: number }) => number)).toEqual(all.map((_, index) => index));
        const deltas = all.filter(({ type }) => type === "response.output_text.delta");
        expect(deltas.map(({ delta }) => delta).join("")).toBe(PIECES.join(""));
        expect(
          new Set(deltas.map(({ item_id: id, output_index: output, content_index: at }) => `${id} ${output} ${at}`))
            .size,
        ).toBe(1);
        expect(all.filter(({ type }) => type === "response.output_item.added")).toHaveLength(1);
        expect(all.filter(({ type }) => type === "response.output_item.done")).toHaveLength(1);
        const [created, completed] = [all[0]?.["response"], all.at(-1)?.["response"]];
        expect([all.at(-1)?.["type"], completed.id]).toEqual(["response.completed", created.id]);
        expect(completed.output[0].content[0].text).toBe(PIECES.join(""));
        expect(completed.output[0].id).toBe(deltas[0]?.["item_id"]);
        upstreams.forEach((upstream) => upstream.reset());
      },
    );

    it("asks the backend's chat for the rest, with the input as messages and what is left of the bound", async () => {
      troubleOnce("cut", 2);
      await askResponses({ instructions: "be short" });
      expect(continuation()).toMatchObject({
        max_tokens: 48,
        messages: [
          { content: "be short" },
          { role: "user", content: "count" },
          { role: "assistant", content: "One two" },
        ],
      });
    });

    it.each([
      ["with a tool", { tools: [{ type: "function", name: "look", parameters: {} }] }],
      [
        "behind an answer",
        {
          input: [
            { role: "user", content: "x" },
            { role: "assistant", content: "y" },
          ],
        },
      ],
      ["with state", { previous_response_id: "resp_1" }],
    ])("not %s", async (_case, more) => {
      if (name === "sglang" && "previous_response_id" in more) return;
      troubleOnce("cut", 2);
      expect((await askResponses(more)).text).toContain("FB_GATEWAY_STREAM_CUT");
    });
  });

  it("takes off the bound what the bytes of this model have come to, when an event holds several tokens", async () => {
    const pieces = ["一二三四五六七八九十", "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉"];
    const chinese = {
      ...SCRIPT,
      parts: [{ kind: "text" as const, pieces }],
      usage: { input: 7, cached: 0, output: 45, reasoning: 0 },
    };
    upstreams.forEach((upstream) => upstream.set({ model: chinese }));
    for (let call = 0; call < 40; call += 1) await ask({ model: "zh", stream_options: { include_usage: true } });
    troubleOnce("cut", 2, chinese);
    await ask({ model: "zh", max_tokens: 100 });
    // 60 bytes of 90, which were 45 tokens; a share of what was assumed at first is left in what was learned.
    const { max_tokens: left } = continuation() as { readonly max_tokens: number };
    expect(100 - left).toBeGreaterThanOrEqual(25);
    expect(100 - left).toBeLessThanOrEqual(31);
  });

  it("counts the tokens of both parts together", async () => {
    troubleOnce("cut", 2);
    const { text } = await ask({ stream_options: { include_usage: true } });
    expect(text).toContain('"completion_tokens":7');
  });

  it("stops at a stop string that began before the cut", async () => {
    troubleOnce("cut", 2);
    const { text } = await ask({ stop: ["wo th"] });
    expect(said(text)).toBe("One two");
    expect(text).toContain('"finish_reason":"stop"');
    expect(text.endsWith("data: [DONE]\n\n")).toBe(true);
  });

  it("ends by length when nothing is left to ask for", async () => {
    troubleOnce("cut", 2);
    const { text } = await ask({ max_tokens: 2 });
    expect(said(text)).toBe("One two");
    expect(text).toContain('"finish_reason":"length"');
  });

  it.each([
    ["of a model that does not resume", { model: "plain" }],
    ["with several answers", { n: 2 }],
    ["with tools", { tools: [{ type: "function", function: { name: "look" } }] }],
    ["with log probabilities", { logprobs: true }],
    ["with a schema", { response_format: { type: "json_object" } }],
  ])("%s ends in an error that names the cut", async (_what, more) => {
    troubleOnce("cut", 2);
    const { text } = await ask(more);
    expect(said(text)).toBe("One two");
    expect(text).toContain("FB_GATEWAY_STREAM_CUT");
    expect(text).not.toContain("[DONE]");
  });

  it("ends in the error of the cut, not in what the others say to it", async () => {
    for (const upstream of upstreams) {
      upstream.set({
        respond: ({ body }) =>
          body.includes("continue_final_message")
            ? { status: 400, headers: { "content-type": "application/json" }, body: '{"error":{"message":"I cannot"}}' }
            : undefined,
        model: { ...SCRIPT, trouble: { kind: "cut", atPiece: 2 } },
      });
    }
    const { text } = await ask();
    expect(text).toContain("FB_GATEWAY_STREAM_CUT");
    expect(text).not.toContain("I cannot");
  });
});
