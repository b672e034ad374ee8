// Figures as the tables show them. Values that do not exist (no request was served) are a dash.
import { formatDuration } from "./duration.ts";

/** `312 ms`, `2.1 s`; below ten milliseconds with a digit more. */
export function durationText(milliseconds: number): string {
  if (!Number.isFinite(milliseconds)) return "-";
  return milliseconds > 0 && milliseconds < 9.95
    ? `${milliseconds.toFixed(1).replace(".0", "")} ms`
    : formatDuration(milliseconds);
}

/** `97.3 %` */
export function shareText(share: number | undefined): string {
  return share === undefined || !Number.isFinite(share) ? "-" : `${(share * 100).toFixed(1)} %`;
}

/** Three digits that mean something: `6.35`, `0.0412`, `1024`. */
export function figureText(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "-";
  return value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}
