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
    expect(first.parts).toEqual(analysePassage(passage, aliases).parts);
    expect(read({ ...passage }).text).toBe(first.text);
    expect(read({ ...passage, text: `${passage.text} It is small.` }).text).not.toBe(first.text);
    expect(read({ ...passage, titles: [] }).parts).toEqual([first.text]);
  });

  it("knows a title again that stands among others", () => {
    const read = createPassageMemo(aliases);
    const [first] = read(passage).titles;
    expect(read({ ...passage, titles: ["Why containers?", ...passage.titles], text: "Other." }).titles[1]).toBe(first);
  });

  it("keeps the number that the passage has in each prompt", () => {
    const read = createPassageMemo(aliases);
    expect([1, 7, undefined].map((number) => read({ ...passage, number }).passage.number)).toEqual([1, 7, undefined]);
  });

  it("forgets what was not used for longest, and never keeps a long text", () => {
    const read = createPassageMemo(aliases);
    const first = read(passage).text;
    for (let other = 0; other < 999; other += 1) read({ ...passage, titles: [], text: `Number ${other}.` });
    expect(read(passage).text).toBe(first);
    for (let other = 0; other < 1_000; other += 1) read({ ...passage, titles: [], text: `Another ${other}.` });
    expect(read(passage).text).not.toBe(first);
    const long = { ...passage, text: "word ".repeat(1_000) };
    expect(read(long).text).not.toBe(read(long).text);
  });
});
