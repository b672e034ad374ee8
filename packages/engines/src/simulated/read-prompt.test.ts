// Blocks of prompts: the same beginning gives the same ids, any difference other ones from there on.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countTokens } from "../openai/count-tokens.ts";
import { readPrompt } from "./read-prompt.ts";

const words = (count: number, word = "word"): string => Array.from({ length: count }, () => word).join(" ");
const texts = fc.array(fc.constantFrom("measure", "load", " ", ", ", "队列", "等", "3.5", "\n"), { maxLength: 200 });

describe("readPrompt", () => {
  it("has a block for every so many tokens, the rest is in none", () => {
    expect(readPrompt(words(32), 16).blocks).toHaveLength(2);
    expect(readPrompt(words(47), 16).blocks).toHaveLength(2);
    expect(readPrompt("", 16)).toMatchObject({ tokens: 0, blocks: [] });
  });

  it("gives prompts with the same beginning the same blocks, as far as they are the same", () => {
    const system = words(40, "system");
    const [one, other] = [readPrompt(`${system} ${words(40, "a")}`, 16), readPrompt(`${system} ${words(40, "b")}`, 16)];
    expect(one.blocks.slice(0, 2)).toEqual(other.blocks.slice(0, 2));
    expect(new Set([...one.blocks, ...other.blocks]).size).toBe(2 + 3 + 3);
  });

  it("changes every block after a changed character", () => {
    const before = readPrompt(words(64), 16).blocks;
    const after = readPrompt(`x${words(64)}`, 16).blocks;
    expect(after.some((id) => before.includes(id))).toBe(false);
  });

  it("counts as usage does and never gives two blocks of a prompt the same id", () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 8 }), (parts, blockTokens) => {
        const text = parts.join("");
        const { tokens, blocks } = readPrompt(text, blockTokens);
        expect(tokens).toBe(countTokens(text));
        expect(new Set(blocks).size).toBe(Math.floor(tokens / blockTokens));
        expect(blocks.every((id) => Number.isSafeInteger(id) && id >= 0)).toBe(true);
      }),
    );
  });
});
