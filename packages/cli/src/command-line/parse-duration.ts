// `90s`, `1h`, `1h30m`: durations as people write them on a command line.
import { usageError } from "../messages/localised-error.ts";

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a duration; FB_CLI_USAGE when it is none or zero. */
export function parseDuration(text: string, option: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)];
  const isWhole = parts.length > 0 && parts.map((part) => part[0]).join("") === text;
  const total = parts.reduce((sum, part) => sum + Number(part[1]) * (UNIT_MS[part[2] ?? ""] ?? 0), 0);
  if (isWhole && Math.round(total) > 0) return Math.round(total);
  throw usageError("usage.duration", { what: option, seen: text });
}
