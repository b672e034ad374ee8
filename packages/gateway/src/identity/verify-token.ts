// Whether a token is the issuer's, for us, and in force. Only asymmetric algorithms that the manifest names are taken, and the key comes
// from the issuer's set alone: neither `alg: none` nor a shared secret made of a public key can pass, whatever a token's header says.
import { createHash } from "node:crypto";
import type { JwtPolicy } from "@flyball/core";
import { jwtVerify, type JWTPayload } from "jose";
import { KeySetUnavailable, type KeySet } from "./key-set.ts";

const CLOCK_TOLERANCE_S = 30;

/** What a good token says. */
export interface VerifiedToken {
  /** Of printable characters, at most 128; a longer or stranger subject stands there as its hash. */
  readonly subject: string;
  /** undefined: no claim was asked for, or the token has none. */
  readonly tenant: string | undefined;
  /** undefined: no claim was asked for. */
  readonly models: readonly string[] | undefined;
  /** Wall milliseconds, the tolerance for clocks that differ added. */
  readonly expiresAt: number;
}

/** Verifies it. "unavailable": it cannot be said, for the issuer's keys were never there. */
export async function verifyToken(
  token: string,
  { policy, keySet, now }: { readonly policy: JwtPolicy; readonly keySet: KeySet; readonly now: number },
): Promise<VerifiedToken | "unknown" | "unavailable"> {
  try {
    const { payload } = await jwtVerify(token, keySet.getKey, {
      issuer: policy.issuer,
      audience: [...policy.audience],
      algorithms: [...policy.algorithms],
      clockTolerance: CLOCK_TOLERANCE_S,
      requiredClaims: ["exp"],
      currentDate: new Date(now),
    });
    return readClaims(payload, policy);
  } catch (error) {
    // What exactly is wrong with a token is told to nobody.
    return error instanceof KeySetUnavailable ? "unavailable" : "unknown";
  }
}

function readClaims(payload: JWTPayload, { tenantClaim, modelsClaim }: JwtPolicy): VerifiedToken {
  const tenant = tenantClaim === undefined ? undefined : claim(payload, tenantClaim);
  return {
    subject: subjectOf(payload.sub),
    tenant: typeof tenant === "string" ? tenant : undefined,
    models: modelsClaim === undefined ? undefined : namesOf(claim(payload, modelsClaim)),
    expiresAt: ((payload.exp ?? 0) + CLOCK_TOLERANCE_S) * 1_000,
  };
}

function claim(payload: JWTPayload, name: string): unknown {
  return Object.hasOwn(payload, name) ? payload[name] : undefined;
}

/** A list, or names with spaces between them as in `scope`; anything else is no name. */
function namesOf(value: unknown): readonly string[] {
  if (typeof value === "string") return value.split(" ").filter((name) => name !== "");
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}

function subjectOf(subject: string | undefined): string {
  if (subject === undefined) return "-";
  if (/^[\x21-\x7e]{1,128}$/.test(subject)) return subject;
  return createHash("sha256").update(subject).digest("hex").slice(0, 32);
}
