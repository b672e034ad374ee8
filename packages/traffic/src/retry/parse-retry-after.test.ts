import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LONGEST_TOLD_MS, parseDuration, parseRetryAfter } from "./parse-retry-after.ts";

const NOW = Date.UTC(2026, 10, 23, 8, 0, 0);
const read = (headers: Readonly<Record<string, string>>) => parseRetryAfter((name) => headers[name], NOW);

describe("parseRetryAfter", () => {
  it.each<[string, Record<string, string>, number | undefined]>([
    ["seconds", { "retry-after": "2" }, 2_000],
    ["parts of a second", { "retry-after": "0.5" }, 500],
    ["an HTTP date", { "retry-after": "Mon, 23 Nov 2026 08:00:07 GMT" }, 7_000],
    ["an HTTP date of 1994", { "retry-after": "Monday, 23-Nov-26 08:00:07 GMT" }, 7_000],
    ["a date as C writes it", { "retry-after": "Mon Nov 23 08:00:07 2026" }, 7_000],
    ["milliseconds before seconds", { "retry-after": "2", "retry-after-ms": "1250" }, 1_250],
    ["Azure's milliseconds", { "x-ms-retry-after-ms": "300", "retry-after": "1" }, 300],
    ["OpenAI's reset of what is used up", reset("0", "6m0s", "120", "12ms"), 360_000],
    ["the longer reset when both are used up", reset("0", "1s", "0", "90s"), 90_000],
    ["the shorter reset when nothing says it is used up", reset("3", "6m0s", "120", "12ms"), 12],
    ["Groq's", { "x-ratelimit-reset-tokens": "2m59.56s" }, 179_560],
    [
      "Anthropic's time",
      {
        "anthropic-ratelimit-input-tokens-reset": "2026-11-23T08:00:30Z",
        "anthropic-ratelimit-input-tokens-remaining": "0",
      },
      30_000,
    ],
    ["an epoch in seconds", { "x-ratelimit-reset": String(NOW / 1_000 + 5) }, 5_000],
    ["an epoch in milliseconds", { "x-ratelimit-reset": String(NOW + 5_000) }, 5_000],
    ["a day cut to an hour", { "retry-after": "86400" }, LONGEST_TOLD_MS],
    ["nothing for zero", { "retry-after": "0" }, undefined],
    ["nothing for Azure's negative values", reset("-1", "-1", "0", "0"), undefined],
    ["nothing for a date that has passed", { "retry-after": "Mon, 23 Nov 2026 07:59:00 GMT" }, undefined],
    ["nothing for nonsense", { "retry-after": "soon", "retry-after-ms": "NaN" }, undefined],
    ["the next best for a value that says nothing", { "retry-after-ms": "0", "retry-after": "3" }, 3_000],
  ])("reads %s", (_name, headers, expected) => {
    expect(read(headers)).toBe(expected);
  });

  it("never says anything but a time between 0 and an hour, whatever the headers hold", () => {
    const names = ["retry-after", "retry-after-ms", "x-ratelimit-reset-tokens", "anthropic-ratelimit-tokens-reset"];
    const value = fc.oneof(
      fc.string(),
      fc.double().map(String),
      fc.date({ noInvalidDate: true }).map((at) => at.toUTCString()),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...names), value), (headers) => {
        const waitMs = read(headers);
        return waitMs === undefined || (waitMs > 0 && waitMs <= LONGEST_TOLD_MS);
      }),
    );
  });

  it("reads durations back from their parts", () => {
    const part = fc.nat(59);
    fc.assert(
      fc.property(part, part, part, fc.nat(999), (hours, minutes, seconds, rest) => {
        const text = `${hours}h${minutes}m${seconds}s${rest}ms`;
        return parseDuration(text) === ((hours * 60 + minutes) * 60 + seconds) * 1_000 + rest;
      }),
    );
  });
});

function reset(requests: string, requestsReset: string, tokens: string, tokensReset: string): Record<string, string> {
  return {
    "x-ratelimit-remaining-requests": requests,
    "x-ratelimit-reset-requests": requestsReset,
    "x-ratelimit-remaining-tokens": tokens,
    "x-ratelimit-reset-tokens": tokensReset,
  };
}
