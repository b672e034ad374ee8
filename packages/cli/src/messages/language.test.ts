import { expect, test } from "vitest";
import { languageOf, languageOption } from "./language.ts";

test.each([
  [{}, "en"],
  [{ LANG: "zh_CN.UTF-8" }, "zh"],
  [{ LANG: "en_US.UTF-8" }, "en"],
  [{ LC_ALL: "C", LANG: "zh_CN.UTF-8" }, "en"],
  [{ LC_ALL: "", LC_MESSAGES: "zh_TW", LANG: "de_DE" }, "zh"],
] as const)("the locale %o speaks %s", (environment, language) => {
  expect(languageOf(environment)).toBe(language);
});

test.each([
  [["ps", "--lang", "zh"], "zh"],
  [["--lang=en", "ps"], "en"],
  [["ps", "--lang", "fr"], undefined],
  [["ps", "--lang"], undefined],
  [["run", "api", "--", "--lang", "zh"], undefined],
] as const)("the words %j ask for %s", (argv, language) => {
  expect(languageOption(argv)).toBe(language);
});
