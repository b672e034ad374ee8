import { expect, test } from "vitest";
import { en } from "./en.ts";
import { createTranslate, fillPlaceholders } from "./translate.ts";

test("placeholders are filled once: a value that looks like one stays as it is", () => {
  expect(fillPlaceholders("{a} and {b}", { a: "{b}", b: 2 })).toBe("{b} and 2");
});

test("a name without a value stays, also when it is a name of every object", () => {
  expect(fillPlaceholders("{missing} {toString}", {})).toBe("{missing} {toString}");
});

test("a text of the catalogue comes with its values", () => {
  expect(createTranslate(en)("plan.title", { revision: 3 })).toBe("Plan for revision 3:");
});
