// Writes overrides and takes them away again. Each one says who, why and until when, and each change stands in the audit trail.
import { createId, type ComposedText, type Override } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { composeText, textFields } from "../texts/compose-text.ts";

/** What an override is to say. */
export interface NewOverride {
  readonly field: string;
  readonly value: unknown;
  readonly actor: string;
  readonly reason: ComposedText;
  readonly expiresAt?: number;
  /** What was seen, as plain data. */
  readonly evidence?: unknown;
}

/** Lays a value over the current revision; an earlier override of the field goes. */
export function writeOverride(context: ControlContext, wish: NewOverride): Override {
  const { state, store, clock } = context;
  const { reason, ...rest } = wish;
  const texts = textFields({ reason });
  const override: Override = {
    id: createId("ovr", clock, context.random),
    createdAt: clock.now(),
    againstRevision: state.revision?.number ?? 0,
    ...rest,
    ...texts,
  };
  store.atomically(() => {
    store.overrides.put(override);
    store.audit.append({ actor: wish.actor, action: "override-write", ...texts, difference: override }, clock.now());
  });
  state.overrides = store.overrides.list();
  context.emit({
    event: "override-written",
    field: wish.field,
    value: wish.value,
    actor: wish.actor,
    ...texts,
  });
  context.wake();
  return override;
}

/** What it says goes on to hold. No event: nothing has changed. */
export function extendOverride({ state, store }: ControlContext, override: Override, expiresAt: number): void {
  store.overrides.put({ ...override, expiresAt });
  state.overrides = store.overrides.list();
}

/** An override that goes, and why. */
export interface DroppedOverride {
  readonly override: Override;
  readonly reason: ComposedText;
}

/** Takes overrides away. */
export function dropOverrides(context: ControlContext, dropped: readonly DroppedOverride[], actor: string): void {
  if (dropped.length === 0) return;
  removeOverrides(context, dropped, actor);
  tellDropped(context, dropped);
  context.wake();
}

/** The part of it that is stored: all of them with their entries in the audit trail, or none. */
export function removeOverrides(
  { store, clock }: ControlContext,
  dropped: readonly DroppedOverride[],
  actor: string,
): void {
  store.atomically(() => {
    store.overrides.remove(dropped.map(({ override }) => override.id));
    for (const { override, reason } of dropped) {
      const entry = { actor, action: "override-drop", ...textFields({ reason }), difference: override } as const;
      store.audit.append(entry, clock.now());
    }
  });
}

/** The rest of it, once that is done. */
export function tellDropped(context: ControlContext, dropped: readonly DroppedOverride[]): void {
  context.state.overrides = context.store.overrides.list();
  for (const { override, reason } of dropped) {
    context.emit({ event: "override-dropped", field: override.field, ...textFields({ reason }) });
  }
}

/** Drops what has run out. */
export function expireOverrides(context: ControlContext): void {
  const now = context.clock.now();
  const expired = context.state.overrides.filter(
    (override) => override.expiresAt !== undefined && override.expiresAt <= now,
  );
  dropOverrides(
    context,
    expired.map((override) => ({ override, reason: composeText("override.expired") })),
    "control",
  );
}
