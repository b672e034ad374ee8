import { CONTROL_TEXTS } from "@flyball/control";
import { ERROR_TABLE } from "@flyball/core";
import { expect, test } from "vitest";
import { en } from "./en.ts";
import { zhControl } from "./zh-control.ts";
import { zhErrors } from "./zh-errors.ts";
import { zh } from "./zh.ts";

const keys = Object.keys(en) as (keyof typeof en)[];
const codes = Object.keys(zhErrors) as (keyof typeof zhErrors)[];
const placeholders = (text: string): readonly string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([whole]) => whole).toSorted();
const commands = (text: string): readonly string[] =>
  [...text.matchAll(/flyball [a-z]+( --?[a-z]+)*/g)].map(([whole]) => whole);

test("both languages have the same keys, and no text is empty", () => {
  expect(Object.keys(zh).toSorted()).toEqual(Object.keys(en).toSorted());
  expect(keys.filter((key) => en[key].trim() === "" || zh[key].trim() === "")).toEqual([]);
});

test("both languages have the same placeholders in every text", () => {
  const different = keys.filter((key) => placeholders(zh[key]).join() !== placeholders(en[key]).join());
  expect(different).toEqual([]);
});

test("a command that is named in English is named in Chinese too", () => {
  expect(keys.filter((key) => commands(zh[key]).join() !== commands(en[key]).join())).toEqual([]);
});

test("every error has its placeholders and its command in Chinese", () => {
  const different = codes.filter((code) => {
    const [chinese, english] = [zhErrors[code], ERROR_TABLE[code]];
    const isSame = (a: string, b: string): boolean =>
      placeholders(a).join() === placeholders(b).join() && commands(a).join() === commands(b).join();
    return !isSame(chinese.message, english.message) || !isSame(chinese.hint, english.hint);
  });
  expect(different).toEqual([]);
  expect(codes.toSorted()).toEqual(Object.keys(ERROR_TABLE).toSorted());
});

test("what control composes has the same keys, placeholders and commands in Chinese", () => {
  const english: Readonly<Record<string, string>> = CONTROL_TEXTS;
  const chinese: Readonly<Record<string, string>> = zhControl;
  expect(Object.keys(chinese).toSorted()).toEqual(Object.keys(english).toSorted());
  const different = Object.entries(english).filter(
    ([key, text]) =>
      placeholders(chinese[key] ?? "").join() !== placeholders(text).join() ||
      commands(chinese[key] ?? "").join() !== commands(text).join(),
  );
  expect(different).toEqual([]);
});
