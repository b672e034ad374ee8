import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatDuration, formatSize, parseDuration, parseSize } from "./quantities.ts";

test.each([
  ["0ms", 0],
  ["500ms", 500],
  ["1.5s", 1_500],
  ["2m", 120_000],
  ["1h", 3_600_000],
])("the duration %s is %d ms", (text, milliseconds) => {
  expect(parseDuration(text)).toBe(milliseconds);
});

test.each([
  ["1KB", 1_000],
  ["1KiB", 1_024],
  ["512MiB", 536_870_912],
  ["1.5GB", 1_500_000_000],
  ["1TiB", 1_099_511_627_776],
])("the size %s is %d bytes", (text, bytes) => {
  expect(parseSize(text)).toBe(bytes);
});

test("what is no quantity throws, because the schema let it through", () => {
  expect(() => parseDuration("10")).toThrow(RangeError);
  expect(() => parseSize("10 MB")).toThrow(RangeError);
});

test("every amount comes back as it was", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000_000), (amount) => {
      expect(parseDuration(formatDuration(amount))).toBe(amount);
      expect(parseSize(formatSize(amount))).toBe(amount);
    }),
  );
});

test("the largest unit without a fraction is used", () => {
  expect([90_000, 60_000, 3_600_000, 1, 0].map(formatDuration)).toEqual(["90s", "1m", "1h", "1ms", "0ms"]);
  expect([536_870_912, 100_000_000, 12_345].map(formatSize)).toEqual(["512MiB", "100MB", "12.345KB"]);
});
