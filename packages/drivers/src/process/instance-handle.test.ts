import { expect, test } from "vitest";
import { parseHandle } from "./instance-handle.ts";

test("a handle tells service and ordinal", () => {
  expect(parseHandle("qa.3f9a/question/12#abc.7", "qa", "3f9a")).toEqual({ service: "question", ordinal: 12 });
  expect(parseHandle("qa.3f9a/question@run_mf3k_7q2c/0#1", "qa", "3f9a")).toEqual({
    service: "question@run_mf3k_7q2c",
    ordinal: 0,
  });
});

test.each([
  "",
  "qa.3f9a/question/0",
  "qb.3f9a/question/0#1",
  "qa.3f9a/question/x#1",
  "qa.3f9a/@control/0#1",
  "qa.3f9a/../0#1/0#1",
])("%j is no handle of an instance of this app", (handle) => {
  expect(parseHandle(handle, "qa", "3f9a")).toBeUndefined();
});
