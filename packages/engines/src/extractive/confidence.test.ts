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
  heldCount: 2,
  heldWeight: 1.6,
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
    { isFirst: true },
    { passageCount: 2 },
    { hasSameKind: true },
    { missing: [] },
  ])("is higher with %o", (changed) => {
    expect(confidence(question, changed)).toBeGreaterThan(confidence(question));
  });

  it("is higher where the passage holds more words of the question, and the more so the more everyday they are", () => {
    const more = confidence(question, { heldCount: 3, heldWeight: 2.4 });
    expect(more).toBeGreaterThan(confidence(question));
    expect(confidence(question, { heldCount: 3, heldWeight: 1.8 })).toBeGreaterThan(more);
  });

  it("asks of a question of two words that a title nearly equals it", () => {
    const loss = (text: string): number =>
      confidence(text, { titleMatch: 0.9 }) - confidence(text, { titleMatch: 0.3 });
    expect(loss("What is a mail proxy?")).toBeGreaterThan(0);
    expect(loss(question)).toBe(0);
  });

  it("is higher in Chinese for a title that stands whole in the question, and for more words with the same share held", () => {
    const short = "怎么加密邮件？";
    expect(confidence(short, { titlePrecision: 0.9 })).toBeGreaterThan(confidence(short));
    expect(confidence("代理服务器怎么加密邮件？")).toBeGreaterThan(confidence(short));
  });

  it("is lower where the fact that is asked is not seen in the passage", () => {
    expect(confidence("Who made proxy mail?", { lacksFact: true })).toBeLessThan(confidence("Who made proxy mail?"));
  });

  it("counts all missing words where a definition is asked, elsewhere the heaviest", () => {
    const fewer = { missing: evidence.missing.slice(0, 1) };
    expect(confidence("What is a mail proxy?", fewer)).toBeGreaterThan(confidence("What is a mail proxy?"));
    expect(confidence(question, fewer)).toBe(confidence(question));
  });

  it("is lower where a definition, a way or a fact is asked", () => {
    const open = confidence("Can a proxy mail?", { missing: [] });
    for (const text of ["What is a proxy mail?", "How does a proxy mail?", "Who made proxy mail?"]) {
      expect(confidence(text, { missing: [] }), text).toBeLessThan(open);
    }
  });
});
