// How long a backend asks to be left alone, from whatever headers it says it with: `retry-after` in seconds or as a date, the variants
// in milliseconds of OpenAI and Azure, and the reset times of rate limits, which are durations (`6m0s`, `12ms`) at OpenAI and those who
// copied it, RFC 3339 times at Anthropic, and epochs elsewhere. Zero, negative and unreadable values say nothing: Azure sends them.

/** What a backend says beyond it is cut to this: then one request asks again. */
export const LONGEST_TOLD_MS = 3_600_000;

/** Reads a header by its lower-case name. */
export type HeaderLookup = (name: string) => string | undefined;

/** Where the state of a rate limit stands: what is left, and when it is full again. */
const RATE_LIMITS: readonly { readonly remaining: string; readonly reset: string }[] = [
  { remaining: "x-ratelimit-remaining-requests", reset: "x-ratelimit-reset-requests" },
  { remaining: "x-ratelimit-remaining-tokens", reset: "x-ratelimit-reset-tokens" },
  { remaining: "anthropic-ratelimit-requests-remaining", reset: "anthropic-ratelimit-requests-reset" },
  { remaining: "anthropic-ratelimit-tokens-remaining", reset: "anthropic-ratelimit-tokens-reset" },
  { remaining: "anthropic-ratelimit-input-tokens-remaining", reset: "anthropic-ratelimit-input-tokens-reset" },
  { remaining: "anthropic-ratelimit-output-tokens-remaining", reset: "anthropic-ratelimit-output-tokens-reset" },
  { remaining: "x-ratelimit-remaining", reset: "x-ratelimit-reset" },
  { remaining: "ratelimit-remaining", reset: "ratelimit-reset" },
];

/** Milliseconds to wait, above 0 and at most an hour; undefined when the backend does not say. `now` is wall time. */
export function parseRetryAfter(header: HeaderLookup, now: number): number | undefined {
  const told =
    positive(milliseconds(header("retry-after-ms"))) ??
    positive(milliseconds(header("x-ms-retry-after-ms"))) ??
    positive(retryAfter(header("retry-after"), now)) ??
    untilReset(header, now);
  return told === undefined ? undefined : Math.min(told, LONGEST_TOLD_MS);
}

/** Milliseconds of `6m0s`, `1h2m3.5s`, `12ms`; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)) {
    sum += Number(amount) * (UNIT_MS[unit as keyof typeof UNIT_MS] ?? 0);
  }
  return sum;
}

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** The longest wait among the limits that are used up; when none says that it is, the shortest of all. */
function untilReset(header: HeaderLookup, now: number): number | undefined {
  let usedUp: number | undefined;
  let shortest: number | undefined;
  for (const { remaining, reset } of RATE_LIMITS) {
    const waitMs = positive(resetTime(header(reset), now));
    if (waitMs === undefined) continue;
    if (header(remaining)?.trim() === "0") usedUp = Math.max(usedUp ?? 0, waitMs);
    shortest = Math.min(shortest ?? waitMs, waitMs);
  }
  return usedUp ?? shortest;
}

function resetTime(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? "";
  if (NUMBER.test(text)) return epochOrSeconds(Number(text), now);
  return parseDuration(text) ?? dateFromNow(text, now);
}

/** Numbers this large can only be times: seconds since 2001 and milliseconds since 1973. */
function epochOrSeconds(value: number, now: number): number {
  if (value >= 1e11) return value - now;
  return value >= 1e9 ? value * 1_000 - now : value * 1_000;
}

function retryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? "";
  return NUMBER.test(text) ? Number(text) * 1_000 : (parseDuration(text) ?? dateFromNow(text, now));
}

const NUMBER = /^\d{1,15}(?:\.\d{1,9})?$/;
/** RFC 3339 and the three forms of an HTTP date (RFC 9110 §5.6.7). */
const DATE = /^(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S*|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[\x20-\x7e]{15,30})$/;

function dateFromNow(text: string, now: number): number | undefined {
  if (!DATE.test(text)) return undefined;
  // The third form has no zone; it is GMT like the others.
  const at = Date.parse(/\d{4}$/.test(text) ? `${text} GMT` : text);
  return Number.isNaN(at) ? undefined : at - now;
}

function milliseconds(value: string | undefined): number | undefined {
  const text = value?.trim() ?? "";
  return NUMBER.test(text) ? Number(text) : undefined;
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}
