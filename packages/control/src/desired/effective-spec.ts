// Desired state = declared revision ⊕ overrides (design §1). Overrides never change a revision; they are laid over it each time.
import type { AppSpec, ComposedText, Override, SpecChange } from "@flyball/core";
import { composeText } from "../texts/compose-text.ts";

/** The revision's spec with the overrides in force. */
export interface EffectiveSpec {
  readonly spec: AppSpec;
  /** Automatic actions are off for the whole app. */
  readonly isPaused: boolean;
  /** Services whose automatic actions are off. */
  readonly pausedServices: ReadonlySet<string>;
}

const REPLICAS_FIELD = /^services\.([^.]+)\.replicas$/;
const PAUSED_FIELD = /^services\.([^.]+)\.paused$/;

/** The override's field for a service's number of instances. */
export function replicasField(service: string): string {
  return `services.${service}.replicas`;
}

/** The override's field that pauses a service, or the whole app. */
export function pausedField(service?: string): string {
  return service === undefined ? "paused" : `services.${service}.paused`;
}

/** Lays the overrides that have not expired over the spec. */
export function effectiveSpec(spec: AppSpec, overrides: readonly Override[], now: number): EffectiveSpec {
  const services = { ...spec.services };
  const pausedServices = new Set<string>();
  let isPaused = false;
  for (const override of overrides) {
    if (override.expiresAt !== undefined && override.expiresAt <= now) continue;
    if (override.field === "paused") isPaused = override.value === true;
    const paused = PAUSED_FIELD.exec(override.field)?.[1];
    if (paused !== undefined && override.value === true) pausedServices.add(paused);
    const scaled = REPLICAS_FIELD.exec(override.field)?.[1];
    const service = scaled === undefined ? undefined : services[scaled];
    if (service !== undefined && typeof override.value === "number") {
      services[service.name] = { ...service, replicas: override.value };
    }
  }
  return { spec: { ...spec, services }, isPaused, pausedServices };
}

/** Overrides that a new revision drops: those whose field it changes, or whose service it removes. */
export function droppedOverrides(
  overrides: readonly Override[],
  changes: readonly SpecChange[],
  next: AppSpec,
): readonly { readonly override: Override; readonly reason: ComposedText }[] {
  return overrides.flatMap((override) => {
    const service = (REPLICAS_FIELD.exec(override.field) ?? PAUSED_FIELD.exec(override.field))?.[1];
    if (service !== undefined && next.services[service] === undefined) {
      return [{ override, reason: composeText("override.service-gone", { service }) }];
    }
    const change = changes.find((candidate) => candidate.path === override.field);
    if (change === undefined) return [];
    const value = JSON.stringify(change.after) ?? "∅";
    return [{ override, reason: composeText("override.changed", { field: override.field, value }) }];
  });
}
