import { describe, expect, it } from "vitest";
import { createAliasBook } from "./alias-book.ts";
import { aliasLines } from "./lexicon/aliases.ts";
import { createPassageMemo } from "./passage-memo.ts";
import { analysePassage } from "./weigh-passage.ts";

const aliases = createAliasBook(aliasLines);
const passage = { number: 1, titles: ["What is a container?"], text: "A container is a process that is isolated." };

describe("the memo of passages", () => {
  it("gives what an analysis gives, and the same index again for the same words", () => {
    const read = createPassageMemo(aliases);
    const first = read(passage);
    expect(first.whole).toEqual(analysePassage(passage, aliases).whole);
    expect(read({ ...passage }).whole).toBe(first.whole);
    expect(read({ ...passage, text: `${passage.text} It is small.` }).whole).not.toBe(first.whole);
    expect(read({ ...passage, titles: [] }).whole).not.toBe(first.whole);
  });

  it("keeps the number that the passage has in each prompt", () => {
    const read = createPassageMemo(aliases);
    expect([1, 7, undefined].map((number) => read({ ...passage, number }).passage.number)).toEqual([1, 7, undefined]);
  });

  it("forgets what was not used for longest, and never keeps a long text", () => {
    const read = createPassageMemo(aliases);
    const first = read(passage).whole;
    for (let other = 0; other < 999; other += 1) read({ ...passage, titles: [], text: `Number ${other}.` });
    expect(read(passage).whole).toBe(first);
    for (let other = 0; other < 1_000; other += 1) read({ ...passage, titles: [], text: `Another ${other}.` });
    expect(read(passage).whole).not.toBe(first);
    const long = { ...passage, text: "word ".repeat(1_000) };
    expect(read(long).whole).not.toBe(read(long).whole);
  });
});
