// When a key ends: after a time from now, or at a date. A bare date is its beginning in UTC, so that it means the same on every machine.
import type { Clock } from "@flyball/core";
import { parseDuration } from "../command-line/parse-duration.ts";
import { usageError } from "../messages/localised-error.ts";

const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** Wall milliseconds of `30d`, `2027-01-31` or `2027-01-31T12:00+08:00`; FB_CLI_USAGE for anything else and for the past. */
export function parseExpiry(text: string, clock: Clock): number {
  const now = Math.round(clock.now());
  if (/^\d{4}-/.test(text)) {
    const at = DATE.test(text) ? Date.parse(text) : Number.NaN;
    // The 30th of February is read as a day of March.
    const isReal =
      !Number.isNaN(at) && new Date(`${text.slice(0, 10)}T00:00Z`).toISOString().startsWith(text.slice(0, 10));
    if (!isReal) throw usageError("usage.expiry", { seen: text }, "flyball keys create --help");
    if (at <= now) throw usageError("usage.expiry-past", { seen: text }, "flyball keys create --help");
    return at;
  }
  if (!/^[\d.]+(?:ms|s|m|h|d)/.test(text))
    throw usageError("usage.expiry", { seen: text }, "flyball keys create --help");
  return now + parseDuration(text, "--expires");
}
