import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createAliasBook } from "./alias-book.ts";
import { isOneSlipApart, mendSpelling } from "./mend-spelling.ts";
import { analysePassage } from "./weigh-passage.ts";

const passage = analysePassage(
  { number: 1, titles: ["What is speculative decoding?"], text: "A draft model proposes, and Kubernetes runs it." },
  createAliasBook([]),
);

describe("mendSpelling", () => {
  it.each([
    ["What is speculatve decoding?", "What is speculative decoding?"],
    ["what is speculative decodnig", "what is speculative decoding"],
    ["How does Kubernettes run it?", "How does kubernetes run it?"],
  ])("reads a misspelt word as the passages spell it: %s", (question, mended) => {
    expect(mendSpelling(question, [passage])).toBe(mended);
  });

  it.each(["What is speculative decoding?", "What is a moped?", "How is the house heated?", "什么是投机解码？"])(
    "leaves as it is what is known, or like nothing: %s",
    (question) => {
      expect(mendSpelling(question, [passage])).toBe(question);
    },
  );
});

describe("a letter after a whole word", () => {
  it("makes a name of its own, which is left as it is", () => {
    const container = analysePassage(
      { number: 1, titles: ["What is a container?"], text: "Containers share a kernel." },
      createAliasBook([]),
    );
    expect(mendSpelling("what is containerd", [container])).toBe("what is containerd");
  });
});

describe("isOneSlipApart", () => {
  it("finds a lost letter wherever it was after the first", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]{6,12}$/), fc.nat(), (word, place) => {
        const at = 1 + (place % (word.length - 1));
        expect(isOneSlipApart(word, word.slice(0, at) + word.slice(at + 1))).toBe(true);
      }),
    );
  });

  it("does not take a short word or two slips for one", () => {
    expect(isOneSlipApart("cache", "cash")).toBe(false);
    expect(isOneSlipApart("container", "contender")).toBe(false);
  });
});
