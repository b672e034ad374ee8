// The public keys of one issuer: fetched beside the requests, kept when the issuer is away, and asked for anew when a token names a key
// that is not there. What a flood of made-up key ids can cause is one fetch in 30 s.
import { canonicalJson, type CancelTimer, type Clock, type JwtPolicy } from "@flyball/core";
import type { Logger } from "@flyball/telemetry";
import { createLocalJWKSet, errors, type JWTVerifyGetKey } from "jose";
import { findKeySet, type FetchDocument } from "./find-key-set.ts";

/** Between two fetches for unknown key ids, and the longest wait after a failure. */
export const REFRESH_PAUSE_MS = 30_000;
/** So that a key that the issuer has withdrawn is forgotten. */
export const REFRESH_EVERY_MS = 600_000;
const FIRST_RETRY_MS = 1_000;

/** There were never any keys, and they cannot be had now. */
export class KeySetUnavailable extends Error {}

/** The keys of an issuer. */
export interface KeySet {
  /** For `jwtVerify`. Rejects with `KeySetUnavailable`, or with jose's JWKSNoMatchingKey for a key that the issuer does not have. */
  readonly getKey: JWTVerifyGetKey;
  /** Fetches nothing more; what is known stays. Idempotent. */
  dispose(): void;
}

/** What it needs. */
export interface KeySetOptions {
  readonly policy: JwtPolicy;
  readonly fetchDocument: FetchDocument;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The keys are others than before: what was decided with them is void. */
  readonly onChange: () => void;
}

/** Creates it; the first fetch begins at once. */
export function createKeySet({ policy, fetchDocument, clock, logger, onChange }: KeySetOptions): KeySet {
  let find: JWTVerifyGetKey | undefined;
  let content = "";
  let underWay: Promise<void> | undefined;
  let triedAt = Number.NEGATIVE_INFINITY;
  let failures = 0;
  let isDisposed = false;
  let cancelTimer: CancelTimer | undefined;

  const fetchOnce = async (): Promise<void> => {
    cancelTimer?.();
    triedAt = clock.monotonic();
    try {
      const found = await findKeySet(policy, fetchDocument);
      failures = 0;
      const text = canonicalJson(found);
      if (text !== content) {
        content = text;
        find = createLocalJWKSet(found);
        onChange();
      }
    } catch (error) {
      failures += 1;
      const reason = error instanceof Error ? error.message : String(error);
      logger.warn("the keys of the issuer cannot be fetched", {
        issuer: policy.issuer,
        reason,
        isServing: find !== undefined,
      });
    }
    underWay = undefined;
    if (isDisposed) return;
    const retryMs = Math.min(REFRESH_PAUSE_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
    cancelTimer = clock.after(failures === 0 ? REFRESH_EVERY_MS : retryMs, () => void refresh());
  };
  const refresh = (): Promise<void> => (underWay ??= fetchOnce());
  const refreshForUnknown = async (): Promise<void> => {
    const isTooSoon = clock.monotonic() - triedAt < REFRESH_PAUSE_MS;
    if (underWay) await underWay;
    else if (!isTooSoon && !isDisposed) await refresh();
  };
  const getKey: JWTVerifyGetKey = async (header, token) => {
    const before = find;
    if (before) {
      try {
        return await before(header, token);
      } catch (error) {
        if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      }
    }
    await refreshForUnknown();
    if (!find) throw new KeySetUnavailable();
    return await find(header, token);
  };
  void refresh();
  return {
    getKey,
    dispose() {
      isDisposed = true;
      cancelTimer?.();
    },
  };
}
