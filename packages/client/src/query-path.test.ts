import { expect, test } from "vitest";
import { queryPath } from "./query-path.ts";

test("values that are absent leave no trace, others are encoded", () => {
  expect(queryPath("/v1/logs", { service: undefined })).toBe("/v1/logs");
  expect(queryPath("/v1/logs", { service: "a b", tail: 0, follow: false })).toBe(
    "/v1/logs?service=a+b&tail=0&follow=false",
  );
});
