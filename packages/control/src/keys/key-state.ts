// Whether a key works at a moment under a revision, and why not. Pure: the list that people read and the snapshot that gateways serve are
// made of the same answer.
import { EVERY_MODEL, type AppSpec, type ComposedText, type KeyStatus } from "@flyball/core";
import { composeText, reasonField } from "../texts/compose-text.ts";
import type { StoredKey } from "./stored-key.ts";

/** A state, and the reason where it does not work. */
export interface KeyState {
  readonly state: KeyStatus["state"];
  readonly reason?: ComposedText;
}

/** Where the revision is not known yet, nothing of it refuses a key. */
export function keyState(key: StoredKey, spec: AppSpec | undefined, now: number): KeyState {
  const { revoked, expiresAt, tenant, models } = key;
  if (revoked !== undefined) {
    return { state: "revoked", reason: composeText("key.revoked", { actor: revoked.by, reason: revoked.reason }) };
  }
  if (expiresAt !== undefined && now >= expiresAt) return { state: "expired", reason: composeText("key.expired") };
  if (spec === undefined) return { state: "live" };
  if (tenant !== undefined && !Object.hasOwn(spec.tenants ?? {}, tenant)) {
    return { state: "refused", reason: composeText("key.tenant-gone", { tenant }) };
  }
  if (!models.includes(EVERY_MODEL) && !models.some((model) => Object.hasOwn(spec.models, model))) {
    return { state: "refused", reason: composeText("key.models-gone", { models: models.join(", ") }) };
  }
  return { state: "live" };
}

/** What the API shows of a key. */
export function keyStatus(key: StoredKey, spec: AppSpec | undefined, now: number): KeyStatus {
  const { hmac: _hmac, revoked: _revoked, earlierValues, ...shown } = key;
  const { state, reason } = keyState(key, spec, now);
  const stillWorking = state === "live" ? earlierValues.filter(({ until }) => until > now) : [];
  return {
    ...shown,
    earlierValues: stillWorking.map(({ prefix, until }) => ({ prefix, until })),
    state,
    ...reasonField(reason),
  };
}
