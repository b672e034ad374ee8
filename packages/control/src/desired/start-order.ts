// The start order as levels: every service stands after all that it depends on. Stopping goes the other way.
import type { AppSpec } from "@flyball/core";

/** Services in an order in which every dependency comes first. The manifest has no cycles (checked when it was read). */
export function startOrder(spec: AppSpec): readonly string[] {
  const ordered: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const dependency of spec.services[name]?.dependsOn ?? []) visit(dependency.service);
    if (spec.services[name] !== undefined) ordered.push(name);
  };
  for (const name of Object.keys(spec.services).toSorted()) visit(name);
  return ordered;
}

/** Services that depend on this one directly. */
export function dependantsOf(spec: AppSpec, service: string): readonly string[] {
  return Object.values(spec.services)
    .filter((candidate) => candidate.dependsOn.some((dependency) => dependency.service === service))
    .map((candidate) => candidate.name);
}
