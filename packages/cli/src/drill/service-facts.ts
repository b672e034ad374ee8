// What a referee must know of the services that their status does not say.
import type { AppSpec } from "@flyball/core";
import type { ServiceFacts } from "@flyball/drill";
import { canBeWrapped } from "./wrap-services.ts";

/** One row for each service. */
export function serviceFacts(spec: AppSpec, hasProxies: boolean): readonly ServiceFacts[] {
  const needed = new Set(
    Object.values(spec.services).flatMap(({ dependsOn }) =>
      dependsOn.filter(({ condition }) => condition === "ready").map(({ service }) => service),
    ),
  );
  const models = new Set(
    Object.values(spec.models).flatMap(({ backends }) =>
      backends.flatMap((backend) => (backend.kind === "service" ? [backend.service] : [])),
    ),
  );
  return Object.values(spec.services).map((service) => ({
    service: service.name,
    hasHttp: service.serve !== undefined || service.ports.some(({ protocol }) => protocol === "http"),
    servesModel: models.has(service.name),
    isStateful: service.kind === "stateful",
    hasDependants: needed.has(service.name),
    hasProxy: hasProxies && canBeWrapped(service),
  }));
}
