// What people do with keys. Each change is stored, written into the audit trail and given to the gateways before the answer goes out, so
// that a revoked key is refused within the time that a snapshot needs.
import { createId, EVERY_MODEL, FlyballError, type AuditAction, type KeyRequest, type KeyStatus } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { composeText, englishOf } from "../texts/compose-text.ts";
import { findKey } from "./find-key.ts";
import { keyStatus } from "./key-state.ts";
import { makeKeyValue, storedValue, type SecureRandom } from "./key-value.ts";
import type { StoredKey } from "./stored-key.ts";

/** Keys that are not revoked, at once; the gateway takes 20,000 parts of a kind. */
const MAX_KEYS = 10_000;
const MAX_EARLIER_VALUES = 5;
const MAX_KEEP_MS = 366 * 86_400_000;

/** A key with the value that is shown once. */
export interface NewValue {
  readonly key: KeyStatus;
  readonly value: string;
}

/** Who changes a key, and why. */
export interface KeyActor {
  readonly actor: string;
  readonly reason?: string;
}

/** All keys, newest first. */
export function listKeys(context: ControlContext): readonly KeyStatus[] {
  return context.state.keys.map((key) => statusOf(context, key)).toReversed();
}

/** Makes a key. FB_CONTROL_BAD_REQUEST when its name is taken or there are too many. */
export function createKey(
  context: ControlContext,
  wish: { readonly request: KeyRequest; readonly actor: string; readonly random: SecureRandom },
): NewValue {
  const { reason, name = "", models = [EVERY_MODEL], ...rest } = wish.request;
  const current = context.state.keys.filter(({ revoked }) => revoked === undefined);
  if (name !== "" && current.some((key) => key.name === name)) throw bad(`there is a key named ${name} already`);
  if (current.length >= MAX_KEYS) throw bad(`there are ${MAX_KEYS} keys already; revoke some`);
  const value = makeKeyValue(wish.random);
  const key: StoredKey = {
    id: createId("key", context.clock, context.random),
    name,
    ...storedValue(context.settings.keySecret, value),
    models,
    ...rest,
    createdAt: context.clock.now(),
    createdBy: wish.actor,
    earlierValues: [],
  };
  if (context.state.keys.some(({ id }) => id === key.id)) return createKey(context, wish);
  return { key: change(context, key, { action: "key-create", actor: wish.actor, reason }), value };
}

/** Gives a key another value; the one before works `keepMs` longer. FB_CONTROL_NOT_FOUND, FB_CONTROL_BAD_REQUEST. */
export function rotateKey(
  context: ControlContext,
  wish: KeyActor & { readonly key: string; readonly keepMs: number; readonly random: SecureRandom },
): NewValue {
  const { keepMs, actor, reason } = wish;
  const key = findKey(context.state.keys, wish.key);
  if (key.revoked !== undefined) throw bad(`the key ${key.id} is revoked; make another one`);
  if (!Number.isFinite(keepMs) || keepMs < 0 || keepMs > MAX_KEEP_MS) throw bad("keepMs is 0 to 366 days");
  const now = context.clock.now();
  const value = makeKeyValue(wish.random);
  const { hmac, prefix } = key;
  const before = keepMs === 0 ? [] : [{ hmac, prefix, until: now + keepMs }];
  const earlierValues = [...before, ...key.earlierValues.filter(({ until }) => until > now)];
  const rotated: StoredKey = {
    ...key,
    ...storedValue(context.settings.keySecret, value),
    rotatedAt: now,
    earlierValues: earlierValues.slice(0, MAX_EARLIER_VALUES),
  };
  return { key: change(context, rotated, { action: "key-rotate", actor, reason }), value };
}

/** Takes a key away for good, with every earlier value of it. Revoking it again changes nothing. FB_CONTROL_NOT_FOUND. */
export function revokeKey(context: ControlContext, wish: KeyActor & { readonly key: string }): KeyStatus {
  const { actor, reason } = wish;
  const key = findKey(context.state.keys, wish.key);
  if (key.revoked !== undefined) return statusOf(context, key);
  const asked = reason ?? englishOf(composeText("override.asked"));
  const revoked = { ...key, earlierValues: [], revoked: { at: context.clock.now(), by: actor, reason: asked } };
  return change(context, revoked, { action: "key-revoke", actor, reason });
}

interface KeyChange {
  readonly action: AuditAction;
  readonly actor: string;
  readonly reason: string | undefined;
}

function change(context: ControlContext, key: StoredKey, { action, actor, reason = "" }: KeyChange): KeyStatus {
  const { state, store, clock } = context;
  const before = state.keys.find(({ id }) => id === key.id);
  const after = statusOf(context, key);
  const difference = { before: before === undefined ? null : statusOf(context, before), after };
  store.atomically(() => {
    store.keys.put(key);
    store.audit.append({ actor, action, reason, difference }, clock.now());
  });
  state.keys = store.keys.list();
  context.publish();
  return after;
}

function statusOf(context: ControlContext, key: StoredKey): KeyStatus {
  const spec = context.effective()?.spec ?? context.state.revision?.spec;
  return keyStatus(key, spec, context.clock.now());
}

function bad(reason: string): FlyballError {
  return new FlyballError("FB_CONTROL_BAD_REQUEST", { reason });
}
