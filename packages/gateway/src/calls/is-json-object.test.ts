import { expect, it } from "vitest";
import { isJsonObject } from "./is-json-object.ts";

it.each(["{}", ' \r\n\t{"a":1} \n', '{"a":{}}'])("takes %j for an object", (text) => {
  expect(isJsonObject(Buffer.from(text))).toBe(true);
});

it.each(["", " ", "{", "}", '{"a":', "<h1>{}</h1>", "[1]", '"{}"', "null"])("takes %j for none", (text) => {
  expect(isJsonObject(Buffer.from(text))).toBe(false);
});
