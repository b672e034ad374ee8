import { describe, expect, test } from "vitest";
import { createFakeUpstream } from "../fake-upstream.ts";
import { DEFAULT_MODEL, type ModelBehaviour } from "./model-behaviour.ts";

const SCRIPT: ModelBehaviour = {
  ...DEFAULT_MODEL,
  parts: [
    { kind: "reasoning", pieces: ["hm", "m"], signature: "sig" },
    { kind: "text", pieces: ["Hel", "lo"] },
    { kind: "tool-call", id: "call_1", name: "look", pieces: ['{"a":', "1}"] },
  ],
  finish: "tool-calls",
  usage: { input: 10, cached: 4, output: 6, reasoning: 2 },
};
const PATHS = ["/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages"] as const;

async function ask(path: string, model: ModelBehaviour, body: object): Promise<string> {
  await using upstream = await createFakeUpstream({ behaviour: { model } });
  const response = await fetch(upstream.url + path, { method: "POST", body: JSON.stringify(body) });
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk as Uint8Array, { stream: true });
  } catch {
    text += "<cut>";
  }
  return text;
}

describe("a fake model", () => {
  test.each(PATHS)("says its script whole at %s", async (path) => {
    expect(JSON.parse(await ask(path, SCRIPT, {}))).toMatchSnapshot();
  });

  test.each(PATHS)("streams its script at %s", async (path) => {
    const body = { stream: true, stream_options: { include_usage: true } };
    expect((await ask(path, SCRIPT, body)).split("\n\n")).toMatchSnapshot();
  });

  test.each(PATHS)("fails inside its stream in the form of %s", async (path) => {
    const trouble = { atPiece: 1, kind: "error-event", code: "overloaded_error", message: "too much" } as const;
    const text = await ask(path, { ...DEFAULT_MODEL, trouble }, { stream: true });
    expect(text).toContain("One");
    expect(text).not.toContain(" two");
    expect(text.trimEnd().split("\n\n").at(-1)).toContain("overloaded_error");
  });

  test.each(PATHS)("cuts its stream, or ends it without its last event, at %s", async (path) => {
    const cut = await ask(path, { ...DEFAULT_MODEL, trouble: { atPiece: 2, kind: "cut" } }, { stream: true });
    expect(cut.endsWith("<cut>")).toBe(true);
    expect(cut).toContain(" two");
    const ended = await ask(path, { ...DEFAULT_MODEL, trouble: { atPiece: 2, kind: "end" } }, { stream: true });
    expect(`${ended}<cut>`).toBe(cut);
  });

  test("goes on from the text so far", async () => {
    const messages = [
      { role: "user", content: "count" },
      { role: "assistant", content: "One tw" },
    ];
    const body = { messages, continue_final_message: true, add_generation_prompt: false };
    expect(await ask("/v1/chat/completions", DEFAULT_MODEL, body)).toContain('"content":"o three"');
  });

  test("embeds each text and counts tokens", async () => {
    expect(JSON.parse(await ask("/v1/embeddings", SCRIPT, { input: ["a", "b"] }))).toMatchObject({
      data: [{ index: 0 }, { index: 1 }],
      usage: { prompt_tokens: 10 },
    });
    expect(JSON.parse(await ask("/v1/messages/count_tokens", SCRIPT, {}))).toEqual({ input_tokens: 10 });
  });
});
