// Pieces must lose nothing and count what the whole text counts.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countTokens } from "./count-tokens.ts";
import { splitPieces } from "./split-pieces.ts";

describe("countTokens", () => {
  it("counts a word as one and each Han character as one", () => {
    expect(countTokens("A container shares the kernel.")).toBe(5);
    expect(countTokens("容器共享内核。")).toBe(6);
    expect(countTokens("Docker 容器, v2")).toBe(4);
    expect(countTokens(" …  ")).toBe(0);
  });
});

describe("splitPieces", () => {
  it("gives word by word with what follows each word", () => {
    expect(splitPieces("Yes, it is. [1]").map(({ text }) => text)).toEqual(["Yes, ", "it ", "is. [", "1]"]);
  });

  it("loses no character and no token of any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const pieces = splitPieces(text);
        expect(pieces.map((piece) => piece.text).join("")).toBe(text);
        expect(pieces.every((piece) => piece.text !== "")).toBe(true);
      }),
    );
    for (const text of ["容器共享内核，虚拟机不共享。", "A gateway (of ours) routes. It retries."]) {
      expect(splitPieces(text).reduce((sum, { tokens }) => sum + tokens, 0)).toBe(countTokens(text));
    }
  });
});
