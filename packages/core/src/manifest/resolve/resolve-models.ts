// Models with the addresses of their providers.
import type { BackendSpec, BackendUseSpec, ModelSpec } from "../../app-spec.ts";
import type { BackendInput, ModelInput } from "../schema/models.ts";
import { authorityKey } from "../load/read-authorities.ts";
import { PROVIDERS } from "./providers.ts";
import { parseDuration, parseSize } from "./quantities.ts";
import type { ResolveContext } from "./resolve-context.ts";
import { resolveLimitPolicy } from "./resolve-limits.ts";
import { DEFAULT_MODEL_TIMEOUTS, resolveTimeouts } from "./resolve-traffic.ts";
import { secretReference } from "./secret-reference.ts";

/** Resolves a model that was checked. */
export function resolveModel(name: string, input: ModelInput, context: ResolveContext): ModelSpec {
  return {
    name,
    backends: input.backends.map((backend, index) => resolveBackend({ alias: name, index, input: backend }, context)),
    timeouts: resolveTimeouts(input.timeouts, DEFAULT_MODEL_TIMEOUTS),
    ...resolveBehaviour(input),
  };
}

/** Only what was asked for: a revision without it keeps its hash. */
function resolveBehaviour(input: ModelInput): Partial<ModelSpec> {
  const { hedge, cache } = input;
  const limits = resolveLimitPolicy(input.limits, input.budget);
  return {
    ...(input.first_token === undefined ? {} : { firstTokenMs: parseDuration(input.first_token) }),
    ...(input.fallbacks === undefined ? {} : { fallbacks: input.fallbacks }),
    ...(input.resume ? { isResumed: true } : {}),
    ...(hedge === undefined
      ? {}
      : {
          hedge: {
            afterMs: hedge.after === "learned" ? hedge.after : parseDuration(hedge.after),
            costCap: hedge.cost_cap,
          },
        }),
    ...(cache === undefined
      ? {}
      : { cache: { timeToLiveMs: parseDuration(cache.ttl), maximumBytes: parseSize(cache.size) } }),
    ...(limits === undefined ? {} : { limits }),
  };
}

function resolveBackend(
  { alias, index, input }: { readonly alias: string; readonly index: number; readonly input: BackendInput },
  context: ResolveContext,
): BackendSpec {
  if (input.service !== undefined) {
    const serve = context.input.services[input.service]?.serve;
    const model = input.model ?? serve?.model ?? serve?.engine ?? alias;
    return { kind: "service", service: input.service, model, ...resolveUse(input) };
  }
  const provider = input.provider ?? "";
  const baseUrl = input.base_url ?? PROVIDERS[provider]?.baseUrl ?? "";
  const authorities = context.authorities.get(authorityKey(alias, index));
  const apiKeySecret = input.api_key === undefined ? undefined : secretReference(input.api_key);
  return {
    kind: "provider",
    provider,
    baseUrl: baseUrl.replace(/\/+$/, ""),
    model: input.model ?? alias,
    ...(apiKeySecret === undefined ? {} : { apiKeySecret }),
    ...(input.region === undefined ? {} : { region: input.region }),
    ...(input.network === "private" ? { network: input.network } : {}),
    ...(authorities === undefined ? {} : { authorities }),
    ...resolveUse(input),
  };
}

function resolveUse(input: BackendInput): BackendUseSpec {
  const limits = resolveLimitPolicy(input.limits, input.budget);
  return {
    ...(input.api === undefined ? {} : { traits: input.api }),
    ...(input.use === undefined ? {} : { use: input.use }),
    ...(input.weight === undefined ? {} : { weight: input.weight }),
    ...(input.context === undefined ? {} : { contextTokens: input.context }),
    ...(input.priority === undefined ? {} : { priorityOrder: input.priority }),
    ...(limits === undefined ? {} : { limits }),
  };
}
