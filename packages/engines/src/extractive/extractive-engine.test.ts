// The engine behind the server's contract: pieces, tokens, load, and an end when the client leaves.

import { describe, expect, it } from "vitest";
import { countTokens } from "../openai/count-tokens.ts";
import type { GeneratedPiece } from "../openai/engine.ts";
import { createExtractiveEngine } from "./extractive-engine.ts";

const prompt =
  "Passages:\n[1] What is a container?\nA container is an isolated process.\n\nQuestion: What is a container?";
const request = { messages: [{ role: "user", text: prompt }], maxTokens: undefined, stop: [] };

describe("createExtractiveEngine", () => {
  it("streams the answer word by word and counts its tokens", async () => {
    const engine = createExtractiveEngine();
    const admission = engine.generate(request, new AbortController().signal);
    if (admission.outcome !== "admitted") throw new Error(admission.outcome);
    const pieces: GeneratedPiece[] = [];
    for await (const piece of admission.pieces) {
      expect(engine.load().running).toBe(1);
      pieces.push(piece);
    }
    const text = pieces.map((piece) => piece.text).join("");
    expect(text).toBe("A container is an isolated process. [1]");
    expect(pieces.length).toBeGreaterThan(5);
    expect(pieces.reduce((sum, { tokens }) => sum + tokens, 0)).toBe(countTokens(text));
    expect(admission.promptTokens).toBe(countTokens(prompt));
    expect(engine.load().running).toBe(0);
  });

  it("ends when the client leaves", async () => {
    const engine = createExtractiveEngine();
    const controller = new AbortController();
    const admission = engine.generate(request, controller.signal);
    if (admission.outcome !== "admitted") throw new Error(admission.outcome);
    let pieces = 0;
    for await (const piece of admission.pieces) {
      pieces += piece.tokens;
      controller.abort();
    }
    expect(pieces).toBe(1);
    expect(engine.load().running).toBe(0);
  });

  it("goes on behind a beginning of its answer, and behind nothing else", async () => {
    const goOn = (continuedText: string) =>
      createExtractiveEngine().generate({ ...request, continuedText }, new AbortController().signal);
    const admission = goOn("A container is");
    if (admission.outcome !== "admitted") throw new Error(admission.outcome);
    const texts: string[] = [];
    for await (const { text } of admission.pieces) texts.push(text);
    expect(texts.join("")).toBe(" an isolated process. [1]");
    expect(admission.promptTokens).toBe(countTokens(prompt) + 3);
    expect(goOn("A pod is")).toMatchObject({ outcome: "unsupported", field: "continue_final_message" });
  });

  it("refuses a prompt that would hold the process for long", () => {
    const text = "word ".repeat(30_000);
    const admission = createExtractiveEngine().generate(
      { ...request, messages: [{ role: "user", text }] },
      new AbortController().signal,
    );
    expect(admission.outcome).toBe("too-long");
  });

  it.each([
    ["one word", "a".repeat(131_000)],
    ["spaces", ` ${" ".repeat(130_000)}a`],
    ["stops", ".".repeat(131_000)],
    ["lines", "\n".repeat(131_000)],
    ["markers", "\n[1] ".repeat(26_000)],
    ["questions", "what does ? ".repeat(10_000)],
    ["Han", "容".repeat(131_000)],
  ])("stays fast on a long prompt of nothing but %s", async (_name, text) => {
    const engine = createExtractiveEngine();
    const startedMs = performance.now();
    for (const full of [text, `Passages:\n[1] t\n${text}\n\nQuestion: What is t?`.slice(0, 131_072)]) {
      const admission = engine.generate(
        { ...request, messages: [{ role: "user", text: full }] },
        new AbortController().signal,
      );
      if (admission.outcome !== "admitted") throw new Error(admission.outcome);
      for await (const piece of admission.pieces) expect(piece.text).not.toBe("");
    }
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });
});
