// Where a cut stream may go on: only at a place that can continue a text there, in its turn, and a place that will not is no worse for it.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { BackendUse } from "@flyball/core";
import { DEFAULT_MODEL, modelAnswer, type FakeUpstream, type ModelBehaviour } from "@flyball/fakes";
import { createModelStage, type ModelStage } from "../testdata/model-stage.ts";
import { TIMEOUTS } from "../testdata/snapshots.ts";
import type { Reply } from "../testdata/test-client.ts";

vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 });

const SCRIPT: ModelBehaviour = {
  ...DEFAULT_MODEL,
  parts: [{ kind: "text", pieces: ["One", " two", " ", "three", " four"] }],
};
const WHOLE = "One two three four";

let stage: ModelStage;
beforeAll(async () => {
  stage = await createModelStage(3);
});
afterAll(() => stage.dispose());
afterEach(() => stage.upstreams.forEach((upstream) => upstream.reset()));

type Row = readonly [provider: string, model: string, basePath?: string];

/** The first is cut, the others say all of it. */
async function serve(rows: readonly Row[], uses: readonly BackendUse[] = []): Promise<void> {
  stage.upstreams.forEach((upstream) => upstream.set({ model: SCRIPT }));
  await stage.serve({
    chat: {
      isResumed: true,
      timeouts: { ...TIMEOUTS, gapMs: 300 },
      backends: rows.map(([provider, model, basePath = "/v1"], index) =>
        stage.provider(index, provider, { model, basePath, ...uses[index] }),
      ),
    },
  });
}

function cutFirst(atPiece = 2): void {
  stage.upstreams[0]?.set({ model: { ...SCRIPT, trouble: { kind: "cut", atPiece } } });
}

const ask = (path = "/v1/chat/completions"): Promise<Reply> =>
  stage.ask("chat", { stream: true, max_tokens: 50 }, { path });

const said = ({ text }: Reply): string =>
  [...text.matchAll(/"(?:content|text)":"((?:[^"\\]|\\.)*)"/g)]
    .map((match) => JSON.parse(`"${match[1]}"`) as string)
    .join("");

const isCut = (reply: Reply): boolean => reply.text.includes("FB_GATEWAY_STREAM_CUT");

describe("a cut stream goes on at a provider with prefill", () => {
  const cases: readonly (readonly [row: Row, last: object])[] = [
    [["anthropic", "claude-haiku-4-5"], { role: "assistant", content: "One two" }],
    [["mistral", "mistral-large"], { role: "assistant", content: "One two", prefix: true }],
    [["deepseek", "deepseek-chat", "/beta"], { role: "assistant", content: "One two", prefix: true }],
    [["moonshot", "kimi-k2"], { role: "assistant", content: "One two", partial: true }],
    [["dashscope", "qwen-plus"], { role: "assistant", content: "One two", partial: true }],
    [["llama-cpp", "qwen3"], { role: "assistant", content: "One two" }],
  ];
  it.each(cases)("%s, and white space at the seam is there once", async (row, last) => {
    for (const atPiece of [2, 3]) {
      await serve([["openai", "gpt-4o"], row]);
      cutFirst(atPiece);
      const reply = await ask();
      expect(said(reply)).toBe(WHOLE);
      expect(reply.text).toMatch(/^: resumed at b1\./m);
      expect(stage.asked(1)).toHaveLength(1);
      // None takes white space at the end of a prefill.
      expect(stage.asked(1)[0]?.json.messages.at(-1)).toEqual(last);
      expect(stage.asked(1)[0]?.json).not.toHaveProperty("continue_final_message");
      expect(stage.asked(1)[0]?.url).toMatch(new RegExp(`^${row[2] ?? "/v1"}/`));
    }
  });
});

describe("a cut stream is not sent to", () => {
  it.each<readonly [string, Row]>([
    ["a Claude that takes no prefill", ["anthropic", "claude-opus-4-6"]],
    ["DeepSeek where it has no prefix", ["deepseek", "deepseek-chat"]],
    ["a provider that is not known to continue", ["openai", "gpt-4o"]],
  ])("%s", async (_name, row) => {
    await serve([["vllm", "qwen3"], row]);
    cutFirst();
    const reply = await ask();
    expect([isCut(reply), stage.counts()]).toEqual([true, [1, 0, 0]]);
  });

  it("such a one, and goes on behind it", async () => {
    await serve([
      ["anthropic", "claude-opus-4-6"],
      ["anthropic", "claude-sonnet-4-6"],
      ["anthropic", "claude-sonnet-4-5"],
    ]);
    cutFirst();
    const reply = await ask("/v1/messages");
    expect([said(reply), stage.counts()]).toEqual([WHOLE, [1, 0, 1]]);
  });

  it("a backend whose condition does not hold", async () => {
    await serve(
      [
        ["vllm", "a"],
        ["vllm", "b"],
        ["vllm", "c"],
      ],
      [{}, { use: ["saturated"] }, { use: ["unavailable"] }],
    );
    cutFirst();
    const reply = await ask();
    expect([said(reply), stage.counts()]).toEqual([WHOLE, [1, 0, 1]]);
  });

  it("anybody where only a condition that does not hold is left", async () => {
    await serve(
      [
        ["vllm", "a"],
        ["vllm", "b"],
      ],
      [{}, { use: ["saturated"] }],
    );
    cutFirst();
    expect([isCut(await ask()), stage.counts()]).toEqual([true, [1, 0, 0]]);
  });

  it("a backend that rests", async () => {
    await serve([
      ["vllm", "a"],
      ["vllm", "b"],
    ]);
    const [first, second] = stage.upstreams;
    first?.setNext({ status: 500 });
    second?.setNext({ status: 429, headers: { "retry-after": "30", "content-type": "application/json" } });
    await ask();
    cutFirst();
    expect([isCut(await ask()), stage.counts()]).toEqual([true, [2, 1, 0]]);
  });
});

describe("a backend that refuses to go on", () => {
  const refuses = (upstream: FakeUpstream | undefined, status: number, headers: Record<string, string> = {}): void =>
    upstream?.set({
      respond: ({ body }) =>
        body.includes("continue_final_message")
          ? { status, headers: { "content-type": "application/json", ...headers }, body: '{"error":{"message":"no"}}' }
          : undefined,
    });
  const cutters = (): readonly FakeUpstream[] => stage.upstreams.filter((_, index) => index !== 1);

  /** Two instances that fail alike, so that none of them is ejected, and cannot go on themselves. */
  async function serveCutters(): Promise<void> {
    const model = { ...SCRIPT, trouble: { kind: "cut", atPiece: 2 } } as const;
    stage.upstreams[1]?.set({ model: SCRIPT });
    cutters().forEach((upstream) => upstream.set({ model }));
    await stage.serve({ chat: { isResumed: true, backends: [stage.pool([0, 2]), stage.provider(1, "vllm")] } });
  }

  it("has not failed: it stays in use", async () => {
    await serveCutters();
    refuses(stage.upstreams[1], 400);
    for (let call = 0; call < 12; call += 1) expect(isCut(await ask())).toBe(true);
    expect(stage.counts()[1]).toBe(12);
    expect(await stage.metric(`flyball_ejections_total{pool="provider:b1.`)).toBe(0);
    expect(await stage.metric(`flyball_attempts_total{pool="provider:b1.`)).toBeGreaterThanOrEqual(12);
    // Now it is needed.
    cutters().forEach((upstream) => upstream.set({ model: SCRIPT, fault: { kind: "reset" } }));
    expect(said(await ask())).toBe(WHOLE);
  });

  it("is not asked at its other instances, and the next backend is", async () => {
    stage.upstreams.forEach((upstream) => upstream.set({ model: SCRIPT }));
    const backends = [stage.pool([0, 1], { traits: "vllm" }), stage.provider(2, "mistral")];
    await stage.serve({ chat: { isResumed: true, backends } });
    for (const upstream of stage.upstreams.slice(0, 2)) {
      upstream.set({
        respond: (request) =>
          request.body.includes("continue_final_message")
            ? { status: 400, headers: {}, body: "{}" }
            : modelAnswer({ ...SCRIPT, trouble: { kind: "cut", atPiece: 2 } }, request),
      });
    }
    expect(said(await ask())).toBe(WHOLE);
    const [first = 0, second = 0, third] = stage.counts();
    expect([first + second, third]).toEqual([2, 1]);
  });

  it("with 429 is left alone as it says", async () => {
    await serveCutters();
    refuses(stage.upstreams[1], 429, { "retry-after": "30" });
    for (let call = 0; call < 3; call += 1) expect(isCut(await ask())).toBe(true);
    expect(stage.counts()[1]).toBe(1);
  });

  it("with an error of its own is a failure as ever", async () => {
    await serveCutters();
    refuses(stage.upstreams[1], 500);
    for (let call = 0; call < 12; call += 1) expect(isCut(await ask())).toBe(true);
    expect(await stage.metric(`flyball_ejections_total{pool="provider:b1.`)).toBeGreaterThan(0);
  });
});

describe("the first token of the rest", () => {
  it("has the bound that was learned, not its floor", async () => {
    stage.upstreams.forEach((upstream) => upstream.set({ model: SCRIPT, delayMs: 600 }));
    const backends = [stage.pool([0, 1], { traits: "vllm" })];
    await stage.serve({ chat: { isResumed: true, backends, firstTokenMs: 800 } });
    for (let round = 0; round < 9; round += 1) await Promise.all(Array.from({ length: 14 }, () => ask()));
    for (const upstream of stage.upstreams) {
      upstream.set({
        delayMs: 0,
        respond: (request) => {
          if (request.body.includes("continue_final_message")) {
            return late(modelAnswer(SCRIPT, request)?.body as readonly string[], 1_200);
          }
          return modelAnswer({ ...SCRIPT, trouble: { kind: "cut", atPiece: 2 } }, request);
        },
      });
    }
    expect(said(await ask())).toBe(WHOLE);
  });
});

/** An answer whose first byte comes after this long. */
function late(pieces: readonly string[], delayMs: number) {
  async function* body() {
    await new Promise<void>((resolve) => void setTimeout(resolve, delayMs));
    yield* pieces;
  }
  return { status: 200, headers: { "content-type": "text/event-stream" }, body: body() };
}
