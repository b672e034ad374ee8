// Time limits and retries with their defaults. A level that is given fills in what it names and keeps the rest of the level below.
import type { RetriesSpec, TimeoutsSpec } from "../../app-spec.ts";
import type { RetriesInput, TimeoutsInput } from "../schema/traffic.ts";
import { parseDuration } from "./quantities.ts";

/** Limits of a service that names none. */
export const DEFAULT_TIMEOUTS: TimeoutsSpec = { connectMs: 1_000, firstByteMs: 30_000, gapMs: 60_000, totalMs: 0 };
/** Limits of a model that names none: the first token may take its time. */
export const DEFAULT_MODEL_TIMEOUTS: TimeoutsSpec = { ...DEFAULT_TIMEOUTS, firstByteMs: 60_000 };
/** Retries of a service that names none. */
export const DEFAULT_RETRIES: RetriesSpec = { attempts: 2, isUnsafeAllowed: false };

/** Fills in the limits that are given. */
export function resolveTimeouts(input: TimeoutsInput | undefined, base: TimeoutsSpec): TimeoutsSpec {
  const read = (text: string | 0 | undefined, fallback: number): number =>
    text === undefined ? fallback : text === 0 ? 0 : parseDuration(text);
  return {
    connectMs: read(input?.connect, base.connectMs),
    firstByteMs: read(input?.first_byte, base.firstByteMs),
    gapMs: read(input?.gap, base.gapMs),
    totalMs: read(input?.total, base.totalMs),
  };
}

/** Fills in the retries that are given. */
export function resolveRetries(input: RetriesInput | undefined, base: RetriesSpec): RetriesSpec {
  return { attempts: input?.attempts ?? base.attempts, isUnsafeAllowed: input?.unsafe ?? base.isUnsafeAllowed };
}
