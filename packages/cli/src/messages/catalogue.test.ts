import { ERROR_TABLE } from "@flyball/core";
import { expect, test } from "vitest";
import { en } from "./en.ts";
import { zhErrors } from "./zh-errors.ts";
import { zh } from "./zh.ts";

const placeholders = (text: string): readonly string[] =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([whole]) => whole).toSorted();

test("both languages have the same keys", () => {
  expect(Object.keys(zh).toSorted()).toEqual(Object.keys(en).toSorted());
});

test.each(Object.keys(en) as (keyof typeof en)[])(
  "%s has the same placeholders in both languages and is not empty",
  (key) => {
    expect(placeholders(zh[key])).toEqual(placeholders(en[key]));
    expect(en[key].trim()).not.toBe("");
    expect(zh[key].trim()).not.toBe("");
  },
);

test.each(Object.keys(zhErrors) as (keyof typeof zhErrors)[])(
  "%s has the placeholders of the error table in Chinese",
  (code) => {
    expect(placeholders(zhErrors[code].message)).toEqual(placeholders(ERROR_TABLE[code].message));
    expect(placeholders(zhErrors[code].hint)).toEqual(placeholders(ERROR_TABLE[code].hint));
  },
);

test("a command that is named in English is named in Chinese too", () => {
  const commands = (text: string): readonly string[] =>
    [...text.matchAll(/flyball [a-z]+( --?[a-z]+)*/g)].map(([whole]) => whole);
  for (const key of Object.keys(en) as (keyof typeof en)[])
    expect([key, commands(zh[key])]).toEqual([key, commands(en[key])]);
});
