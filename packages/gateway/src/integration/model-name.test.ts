// Which model an answer names: upstream's own name where its bytes are passed on, the alias where the answer was translated or another
// backend had to stand in.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { eventsOf, NAMED_PAIRS } from "./reference/testdata/client-faces.ts";
import { createDialectStage, SECOND_TEXT, type DialectStage } from "./reference/testdata/dialect-stage.ts";

let stage: DialectStage;
beforeAll(async () => {
  stage = await createDialectStage();
});
afterAll(() => stage?.dispose());
beforeEach(() => stage.fresh());

function namesIn(text: string, isStream: boolean): ReadonlySet<string> {
  const answers = isStream ? eventsOf(text) : [JSON.parse(text)];
  return new Set(answers.flatMap((each) => [each.model, each.message?.model, each.response?.model].filter(Boolean)));
}

describe.each(NAMED_PAIRS)("the model that an answer names, %s", (_, pair) => {
  it.each([true, false])("is upstream's own, or the alias of what was translated (streamed: %s)", async (isStream) => {
    const reply = await stage.ask(pair, { isStream });
    expect(namesIn(reply.text, isStream)).toEqual(new Set([pair.isTranslated ? pair.backend : "fake-model"]));
  });

  it.each([true, false])("is the alias when another backend stood in (streamed: %s)", async (isStream) => {
    stage.first.set({ status: 500, body: "no" });
    const reply = await stage.ask(pair, { isStream });
    expect(isStream ? pair.face.said(reply.text) : pair.face.saidWhole(reply.text)).toBe(SECOND_TEXT);
    expect(namesIn(reply.text, isStream)).toEqual(new Set([pair.backend]));
  });
});
