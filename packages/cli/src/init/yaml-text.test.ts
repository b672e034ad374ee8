import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { yamlList, yamlText } from "./yaml-text.ts";

test("any list of texts comes back from YAML as it was", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary" }).filter((text) => text.isWellFormed())), (texts) => {
      expect(parse(yamlList(texts))).toEqual(texts);
    }),
  );
});

test.each(["yes", "null", "1.5", "-", "a: b", "#x", "${instance.port}", "", "0x1f", "~"])(
  "%j is not mistaken for something else",
  (text) => {
    expect(parse(yamlText(text))).toBe(text);
  },
);
