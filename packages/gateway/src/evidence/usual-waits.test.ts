import { addTime, boundMs } from "@flyball/traffic";
import { expect, it } from "vitest";
import { createUsualWaitsBook } from "./usual-waits.ts";

it("is learned for each kind of request apart", () => {
  const book = createUsualWaitsBook();
  for (let sample = 0; sample < 100; sample += 1) addTime(book.of("plain", "reports").firstByte, 20_000);
  expect(boundMs(book.of("plain", "reports").firstByte)).toBeGreaterThan(30_000);
  expect(boundMs(book.of("plain", "pages").firstByte)).toBe(10_000);
  expect(book.of("plain", "pages").silence).toBeUndefined();
  expect(book.of("whole", "chat").silence).toBeUndefined();
  expect(boundMs(book.of("stream", "chat").firstByte)).toBe(30_000);
  expect(book.of("stream", "chat").silence).toBeDefined();
});

it("is shared by all kinds beyond a bound", () => {
  const book = createUsualWaitsBook();
  for (let kind = 0; kind < 256; kind += 1) book.of("plain", `route-${kind}`);
  expect(book.of("plain", "one more")).toBe(book.of("plain", "and another"));
  expect(book.of("plain", "route-7")).not.toBe(book.of("plain", "one more"));
});
