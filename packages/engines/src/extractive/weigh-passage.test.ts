// Many phrasings of one passage must not add up to a question that none of them asks.

import { describe, expect, it } from "vitest";
import { createAliasBook } from "./alias-book.ts";
import { analysePassage, analyseQuestion, weighPassage } from "./weigh-passage.ts";

const aliases = createAliasBook([]);
const weigh = (titles: readonly string[], question: string): ReturnType<typeof weighPassage> =>
  weighPassage(analyseQuestion(question, aliases), analysePassage({ number: 1, titles, text: "It depends." }, aliases));

describe("weighPassage", () => {
  const question = "How does a sidecar encrypt mail?";

  it("counts words of one title more than the same words gathered from several", () => {
    const whole = weigh(["How can a sidecar encrypt mail?", "Why a pod?"], question);
    const gathered = weigh(["Why a sidecar?", "Can a pod encrypt?", "Where is mail?"], question);
    expect(whole.coverage).toBeGreaterThan(0.95);
    expect(gathered.coverage).toBeLessThan(whole.coverage);
    expect(gathered.missing.length).toBeGreaterThan(0);
    expect(whole.missing).toEqual([]);
  });

  it("counts the words that titles or text hold, and adds what they weigh", () => {
    const { heldCount, heldWeight } = weigh(["How can a sidecar encrypt?"], question);
    expect(heldCount).toBe(2);
    expect(heldWeight).toBeGreaterThan(0);
    expect(heldWeight).toBeLessThan(weigh(["How can a sidecar encrypt mail?"], question).heldWeight);
  });

  it("lets only a title that is about as alike as the best say how the passage is asked for", () => {
    const titles = ["What is a sidecar proxy?", "Who drew the logo?"];
    expect(weigh(titles, "Who made the sidecar proxy?").hasSameKind).toBe(false);
  });
});
