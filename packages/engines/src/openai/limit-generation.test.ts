// Token limits and stop texts, checked against the simplest thing that could be right: cutting the whole text at once.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { GeneratedPiece } from "./engine.ts";
import { limitGeneration } from "./limit-generation.ts";
import type { LimitedPiece } from "./limit-generation.ts";

async function run(
  texts: readonly string[],
  limits: { readonly maxTokens?: number; readonly stop?: readonly string[] },
): Promise<{ readonly text: string; readonly end: LimitedPiece | undefined; readonly read: number }> {
  let read = 0;
  async function* pieces(): AsyncGenerator<GeneratedPiece, void, void> {
    for (const text of texts) {
      read += 1;
      yield { text, tokens: 1 };
    }
  }
  let text = "";
  let end: LimitedPiece | undefined;
  for await (const piece of limitGeneration(pieces(), { maxTokens: limits.maxTokens, stop: limits.stop ?? [] })) {
    expect(end).toBeUndefined();
    if (piece.kind === "text") {
      expect(piece.text).not.toBe("");
      text += piece.text;
    } else end = piece;
  }
  return { text, end, read };
}

describe("limitGeneration", () => {
  it("passes everything on and ends with stop when there is no limit", async () => {
    expect(await run(["a", "b"], {})).toMatchObject({
      text: "ab",
      end: { kind: "end", finishReason: "stop", tokens: 2 },
    });
  });

  it("reads nothing beyond the token limit", async () => {
    expect(await run(["a", "b", "c"], { maxTokens: 2 })).toEqual({
      text: "ab",
      end: { kind: "end", finishReason: "length", tokens: 2 },
      read: 2,
    });
  });

  it("releases text that was held back for a stop text that did not come", async () => {
    expect((await run(["ab", "c"], { stop: ["bx"] })).text).toBe("abc");
    expect((await run(["ab"], { stop: ["bx"] })).text).toBe("ab");
    expect((await run(["ab", "c"], { stop: ["bx"], maxTokens: 1 })).text).toBe("ab");
  });

  it("gives the text before the first stop text, however the text is cut into pieces", async () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });
    const stops = fc.array(fc.string({ unit: fc.constantFrom("a", "b", "c"), minLength: 1, maxLength: 4 }), {
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(letters, { maxLength: 12 }), stops, async (texts, stop) => {
        const whole = texts.join("");
        // The end of the earliest complete stop text decides, as it does for a reader of the stream.
        const ends = stop.map((one) => ({ one, at: whole.indexOf(one) })).filter(({ at }) => at >= 0);
        const { text } = await run(texts, { stop });
        if (ends.length === 0) expect(text).toBe(whole);
        else {
          const possible = ends.map(({ at }) => whole.slice(0, at));
          expect(possible).toContain(text);
          for (const one of stop) expect(text).not.toContain(one);
        }
      }),
    );
  });
});
