import fc from "fast-check";
import { expect, test } from "vitest";
import { parseDuration } from "./parse-duration.ts";

test.each([
  ["90s", 90_000],
  ["1h30m", 5_400_000],
  ["1.5h", 5_400_000],
  ["250ms", 250],
  ["2d", 172_800_000],
])("%s is %i ms", (text, milliseconds) => {
  expect(parseDuration(text, "--for")).toBe(milliseconds);
});

test.each(["", "soon", "10", "-5s", "5 s", "0s", "1h30", "s", "0.1ms"])("%j is refused", (text) => {
  expect(() => parseDuration(text, "--for")).toThrow("expected a duration");
});

test("any text is a positive whole number of milliseconds or a usage error", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(\d{1,3}(ms|s|m|h|d)){1,3}$/)), (text) => {
      try {
        const value = parseDuration(text, "--for");
        return Number.isInteger(value) && value >= 1;
      } catch (error) {
        return (error as { code?: string }).code === "FB_CLI_USAGE";
      }
    }),
  );
});
