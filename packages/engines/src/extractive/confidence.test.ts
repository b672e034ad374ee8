// Each piece of evidence must move the log odds the way it should; how far is measured by answer-quality.test.ts.

import { describe, expect, it } from "vitest";
import { createAliasBook } from "./alias-book.ts";
import { confidenceOf } from "./confidence.ts";
import type { AnswerEvidence } from "./confidence.ts";
import { analyseQuestion } from "./weigh-passage.ts";

const aliases = createAliasBook([]);
const evidence: AnswerEvidence = {
  support: 0.7,
  isFirst: false,
  passageCount: 5,
  lacksFact: false,
  coverage: 0.7,
  textCoverage: 0.5,
  titleMatch: 0.6,
  secondMatch: 0.4,
  titlePrecision: 0.6,
  titleWeight: 2,
  titleKind: "way",
  hasSameKind: false,
  missing: [
    { form: "proxy", weight: 0.4 },
    { form: "mail", weight: 0.3 },
  ],
};
const confidence = (question: string, changed: Partial<AnswerEvidence> = {}): number =>
  confidenceOf(analyseQuestion(question, aliases), { ...evidence, ...changed });

describe("confidenceOf", () => {
  const question = "How does a proxy encrypt mail?";

  it.each([
    { support: 0.9 },
    { secondMatch: 0.6 },
    { titlePrecision: 0.9 },
    { isFirst: true },
    { passageCount: 2 },
    { hasSameKind: true },
    { missing: [] },
  ])("is higher with %o", (changed) => {
    expect(confidence(question, changed)).toBeGreaterThan(confidence(question));
  });

  it("is lower where the fact that is asked is not seen in the passage", () => {
    expect(confidence("Who made proxy mail?", { lacksFact: true })).toBeLessThan(confidence("Who made proxy mail?"));
  });

  it("is higher for a question of more words with the same share held", () => {
    expect(confidence(question)).toBeGreaterThan(confidence("How does mail work?"));
  });

  it("counts all missing words where a definition is asked, elsewhere the heaviest", () => {
    const fewer = { missing: evidence.missing.slice(0, 1) };
    expect(confidence("What is a mail proxy?", fewer)).toBeGreaterThan(confidence("What is a mail proxy?"));
    expect(confidence(question, fewer)).toBe(confidence(question));
  });

  it("is lower for a definition, and still lower for a fact", () => {
    const texts = ["Can a proxy mail?", "What is a proxy mail?", "Who made proxy mail?"];
    const [open = 0, definition = 0, fact = 0] = texts.map((text) => confidence(text, { missing: [] }));
    expect(definition).toBeLessThan(open);
    expect(fact).toBeLessThan(definition);
  });
});
