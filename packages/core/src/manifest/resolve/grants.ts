// Model grants in one form, and the variables they become.
import { environmentName } from "../../instance-tag.ts";
import type { ServiceInput } from "../schema/service.ts";
import type { ManifestPath } from "../source/manifest-node.ts";

/** A model granted to a service. */
export interface Grant {
  readonly model: string;
  readonly environmentPrefix: string;
  readonly path: ManifestPath;
}

/** Endings of the variables of a grant. */
export const GRANT_VARIABLES = ["BASE_URL", "MODEL", "API_KEY"] as const;

/** The grants of one service as written. */
export function grantsOf(service: string, models: ServiceInput["models"]): Grant[] {
  const base: ManifestPath = ["services", service, "models"];
  if (models === undefined) return [];
  if (Array.isArray(models)) {
    return models.map((model, index) => ({ model, environmentPrefix: defaultPrefix(model), path: [...base, index] }));
  }
  return Object.entries(models).map(([model, grant]) => ({
    model,
    environmentPrefix: grant?.env ?? defaultPrefix(model),
    path: [...base, model],
  }));
}

function defaultPrefix(model: string): string {
  return `FLYBALL_${environmentName(model)}`;
}
