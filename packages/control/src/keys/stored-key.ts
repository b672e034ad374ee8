// A key as the store keeps it. Nothing of it lets anyone make the value again: the HMAC needs the app's key secret, which stands elsewhere,
// and seven characters of fifty-two say nothing about the rest.
import type { LimitPolicy } from "@flyball/core";

/** A value that is known, by its HMAC only. */
export interface StoredValue {
  /** Hex HMAC-SHA-256 with the app's key secret. */
  readonly hmac: string;
  readonly prefix: string;
}

/** One key; `key-state.ts` says whether it works. */
export interface StoredKey extends StoredValue {
  readonly id: string;
  readonly name: string;
  readonly tenant?: string;
  /** `["*"]`: every model. */
  readonly models: readonly string[];
  readonly routes?: readonly string[];
  readonly limits?: LimitPolicy;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt?: number;
  readonly rotatedAt?: number;
  /** Values before the last rotations, newest first; at most 5, the oldest goes. */
  readonly earlierValues: readonly (StoredValue & { readonly until: number })[];
  readonly revoked?: { readonly at: number; readonly by: string; readonly reason: string };
}
