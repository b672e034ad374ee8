// What each service needs to work: what it depends on, and the services behind the models that it may call.
import type { AppSpec } from "@flyball/core";

/** Names of services by the service that needs them. */
export function needsOf({ services, models }: AppSpec): ReadonlyMap<string, readonly string[]> {
  const needs = new Map<string, readonly string[]>();
  for (const { name, dependsOn, models: granted } of Object.values(services)) {
    const declared = dependsOn.filter(({ condition }) => condition !== "completed").map(({ service }) => service);
    const backends = granted.flatMap(({ model }) => models[model]?.backends ?? []);
    // One of several backends may be down: then the others serve.
    const behind =
      backends.length === 1 ? backends.flatMap((one) => (one.kind === "service" ? [one.service] : [])) : [];
    needs.set(name, [...new Set([...declared, ...behind])]);
  }
  return needs;
}
