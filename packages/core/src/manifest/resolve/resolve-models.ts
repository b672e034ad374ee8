// Models with the addresses of their providers.
import type { BackendSpec, ModelSpec } from "../../app-spec.ts";
import type { BackendInput, ModelInput } from "../schema/models.ts";
import { PROVIDERS } from "./providers.ts";
import type { ResolveContext } from "./resolve-context.ts";
import { DEFAULT_MODEL_TIMEOUTS, resolveTimeouts } from "./resolve-traffic.ts";
import { secretReference } from "./secret-reference.ts";

/** Resolves a model that was checked. */
export function resolveModel(name: string, input: ModelInput, context: ResolveContext): ModelSpec {
  return {
    name,
    backends: input.backends.map((backend) => resolveBackend(name, backend, context)),
    timeouts: resolveTimeouts(input.timeouts, DEFAULT_MODEL_TIMEOUTS),
  };
}

function resolveBackend(alias: string, input: BackendInput, context: ResolveContext): BackendSpec {
  if (input.service !== undefined) {
    const serve = context.input.services[input.service]?.serve;
    return { kind: "service", service: input.service, model: input.model ?? serve?.model ?? serve?.engine ?? alias };
  }
  const provider = input.provider ?? "";
  const baseUrl = input.base_url ?? PROVIDERS[provider]?.baseUrl ?? "";
  const apiKeySecret = input.api_key === undefined ? undefined : secretReference(input.api_key);
  return {
    kind: "provider",
    provider,
    baseUrl: baseUrl.replace(/\/+$/, ""),
    model: input.model ?? alias,
    ...(apiKeySecret === undefined ? {} : { apiKeySecret }),
    ...(input.region === undefined ? {} : { region: input.region }),
  };
}
