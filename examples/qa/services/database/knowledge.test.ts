import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parseKnowledge, readKnowledge } from "./knowledge.ts";

const side = { questions: ["q"], answer: "a" };

test("the knowledge base of the example can be read", () => {
  const { passages } = readKnowledge(fileURLToPath(new URL("../../knowledge", import.meta.url)));
  expect(passages.length).toBeGreaterThanOrEqual(300);
});

test.each([
  ["{", "not valid JSON"],
  ["{}", "not an array"],
  ['[{"en": {}}]', "entry 1 has no id"],
  [JSON.stringify([{ id: "x", en: side }]), "entry 1 (x, zh) is missing"],
  [
    JSON.stringify([{ id: "x", en: { ...side, questions: [] }, zh: side }]),
    "entry 1 (x, en) needs a list of questions",
  ],
  [JSON.stringify([{ id: "x", en: { ...side, answer: " " }, zh: side }]), "entry 1 (x, en) needs an answer"],
])("the file %s is refused with its place", (text, message) => {
  expect(() => parseKnowledge(text, "bad.json")).toThrow(`bad.json: ${message}`);
});
