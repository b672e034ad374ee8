import { expect, it } from "vitest";
import { findDialect } from "../find-dialect.ts";
import { canContinue } from "./can-continue.ts";

const { passThrough } = findDialect("openai-chat");

it.each([
  ['{"model":"a","stream":true,"messages":[{"role":"user","content":"x"}]}', true],
  ['{"model":"a","stream":true,"messages":[{"role":"assistant","content":"x"}]}', false],
  ['{"model":"a","stream":true,"messages":[]}', false],
  ['{"model":"a","messages":[{"role":"user","content":"x"}]}', false],
  ['{"model":"a","stream":true,"n":2,"messages":[{"role":"user","content":"x"}]}', false],
])("knows of %s whether it may be continued", (text, expected) => {
  const body = Buffer.from(text);
  const scan = passThrough.scan(body);
  expect(scan.kind === "found" && canContinue(body, scan)).toBe(expected);
});

it.each([
  ['"x"', true],
  ['""', false],
  ['[{"role":"user","content":"x"}]', true],
  ['[{"type":"message","role":"user","content":"x"}]', true],
  ['[{"type":"message","role":"assistant","content":"x"}]', false],
  ['[{"type":"function_call_output","call_id":"c","output":"x"}]', false],
  ["[]", false],
])("knows of the input %s whether it may be continued", (input, expected) => {
  const body = Buffer.from(`{"model":"a","stream":true,"input":${input}}`);
  const scan = findDialect("openai-responses").passThrough.scan(body);
  expect(scan.kind === "found" && canContinue(body, scan)).toBe(expected);
});
