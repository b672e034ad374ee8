// Virtual keys as the control API shows and takes them. The value of a key is in exactly one answer: the one to the call that made it.
import type { Composed } from "./composed-text.ts";
import type { LimitPolicy } from "./limit-policy.ts";

/** In `models` of a key: every model, also those that come later. */
export const EVERY_MODEL = "*";

/** What is known of a key that people made. */
export interface KeyStatus extends Composed<"reason"> {
  readonly id: string;
  /** `""` when it was given none; among the keys that are not revoked no other has it. */
  readonly name: string;
  /** First 7 characters of the value, to tell keys apart. */
  readonly prefix: string;
  /** Absent: the app's own tenant. */
  readonly tenant?: string;
  /** `["*"]`: every model. */
  readonly models: readonly string[];
  /** Absent: every public route. */
  readonly routes?: readonly string[];
  readonly limits?: LimitPolicy;
  readonly createdAt: number;
  readonly createdBy: string;
  readonly expiresAt?: number;
  /** When the value was last replaced. */
  readonly rotatedAt?: number;
  /** Values before the last rotations that still work, newest first. */
  readonly earlierValues: readonly { readonly prefix: string; readonly until: number }[];
  /** refused: it is neither revoked nor expired, but the current revision has no place for it. */
  readonly state: "live" | "expired" | "revoked" | "refused";
  /** Why it does not work; absent when it does. */
  readonly reason?: string;
}

/** Body of POST /v1/keys. */
export interface KeyRequest {
  readonly name?: string;
  readonly tenant?: string;
  /** Absent: every model. */
  readonly models?: readonly string[];
  readonly routes?: readonly string[];
  /** Wall milliseconds. */
  readonly expiresAt?: number;
  readonly limits?: LimitPolicy;
  readonly reason?: string;
}

/** A key after a change. */
export interface ChangedKey {
  readonly key: KeyStatus;
  /** Every connected gateway knows of the change; false: not within a second, or there is no gateway. */
  readonly isInForce: boolean;
}

/** A key with its value, which is shown this once. */
export interface IssuedKey extends ChangedKey {
  readonly value: string;
}

/** What a key has used since a day began. Money in millionths of the currency. */
export interface KeyUsage {
  /** Its id; `service/<name>` for the key of a service, `jwt/<subject>` for a token, `""` for calls without a key. */
  readonly key: string;
  /** `""` for one without a name. */
  readonly name: string;
  readonly calls: number;
  /** Calls that did not bring a whole answer. */
  readonly failed: number;
  /** Calls whose usage is an estimate, wholly or in part. */
  readonly estimated: number;
  /** Calls with tokens whose price is not known: the money is a lower bound. */
  readonly unpriced: number;
  /** All that came in, cached tokens included. */
  readonly inputTokens: number;
  readonly cachedTokens: number;
  readonly outputTokens: number;
  readonly usd: number;
  readonly cny: number;
}
