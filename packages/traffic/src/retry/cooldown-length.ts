// How long a backend is left alone. What it says is obeyed; where it says nothing, the time doubles with each refusal that comes after
// the last cooldown had ended. A cooldown is never shortened, and refusals of requests that were on their way do not lengthen it.
import type { CooldownReason } from "./judge-answer.ts";

interface CooldownRange {
  readonly firstMs: number;
  readonly longestMs: number;
}

/** Times without a word from the backend. Money and keys change only when a person acts. */
const RANGES: Readonly<Record<CooldownReason, CooldownRange>> = {
  "rate-limited": { firstMs: 1_000, longestMs: 60_000 },
  overloaded: { firstMs: 1_000, longestMs: 30_000 },
  "model-missing": { firstMs: 60_000, longestMs: 600_000 },
  quota: { firstMs: 600_000, longestMs: 3_600_000 },
  key: { firstMs: 600_000, longestMs: 3_600_000 },
};
/** After this many times its own length without a refusal, the doubling begins anew. */
const FORGOTTEN_AFTER = 4;

/** A backend's cooldown; times are monotonic milliseconds. */
export interface Cooldown {
  readonly reason: CooldownReason;
  readonly until: number;
  /** The length that the next one without a word is twice of. */
  readonly lengthMs: number;
}

/** Whether a person has to act before it can be better: such a cooldown is reported. */
export function needsPerson(reason: CooldownReason): boolean {
  return reason === "quota" || reason === "key" || reason === "model-missing";
}

/** The cooldown after a refusal now. `toldMs` is what the backend said, if it did. */
export function nextCooldown(
  last: Cooldown | undefined,
  refusal: { readonly reason: CooldownReason; readonly toldMs: number | undefined },
  now: number,
): Cooldown {
  const { reason, toldMs } = refusal;
  const { firstMs, longestMs } = RANGES[reason];
  const isRunning = last !== undefined && now < last.until;
  const isRemembered =
    last !== undefined && last.reason === reason && now < last.until + last.lengthMs * FORGOTTEN_AFTER;
  const unsaidMs = !isRemembered ? firstMs : isRunning ? last.lengthMs : Math.min(longestMs, last.lengthMs * 2);
  // Money and keys: a short word would only make us knock again.
  const lengthMs = toldMs === undefined ? unsaidMs : needsPerson(reason) ? Math.max(toldMs, firstMs) : toldMs;
  const isLate = isRunning && toldMs === undefined && last.reason === reason;
  return {
    reason: isRunning && last.until > now + lengthMs ? last.reason : reason,
    until: isLate ? last.until : Math.max(last?.until ?? 0, now + lengthMs),
    lengthMs: unsaidMs,
  };
}
