// A manifest without problems → the app that control and drivers work with.
import type { AppSpec, GatewaySpec, SecretSpec, TenantSpec } from "../../app-spec.ts";
import { NO_LIMITS } from "../../limit-policy.ts";
import type { ServiceInput } from "../schema/service.ts";
import { collectListeners, type Listener } from "./listeners.ts";
import { parseSize } from "./quantities.ts";
import { resolveListener } from "./resolve-listener.ts";
import type { ResolveContext } from "./resolve-context.ts";
import { resolveHealing } from "./resolve-healing.ts";
import { resolveJwt } from "./resolve-jwt.ts";
import { resolveLimitStore } from "./resolve-limit-store.ts";
import { resolveLimitPolicy } from "./resolve-limits.ts";
import { resolveModel } from "./resolve-models.ts";
import { resolveNotify } from "./resolve-notify.ts";
import { resolvePrices } from "./resolve-prices.ts";
import { resolveRoutes } from "./resolve-routes.ts";
import { resolveService } from "./resolve-service.ts";

/** Resolves everything; the result is frozen, plain JSON. */
export function resolveApp(context: ResolveContext): AppSpec {
  const { input } = context;
  const active: [string, ServiceInput][] = Object.entries(input.services).filter(([name]) => context.active.has(name));
  const listeners = collectListeners(input, active);
  return deepFreeze({
    apiVersion: "flyball/v1",
    name: input.name,
    services: Object.fromEntries(active.map(([name, service]) => [name, resolveService(name, service, context)])),
    models: Object.fromEntries(
      Object.entries(input.models).map(([name, model]) => [name, resolveModel(name, model, context)]),
    ),
    routes: resolveRoutes(context, listeners),
    gateway: resolveGateway(context, listeners),
    secrets: resolveSecrets(context),
    configs: context.attachments.configs,
    volumes: Object.keys(input.volumes),
    data: input.data?.allowed_regions === undefined ? {} : { allowedRegions: input.data.allowed_regions },
    ...resolveTenants(context),
    ...(Object.keys(input.prices).length === 0 ? {} : { prices: resolvePrices(input.prices) }),
    ...resolveHealing(input.healing),
    ...(input.notify === undefined ? {} : { notify: resolveNotify(input.notify, context.authorities) }),
    target: context.target,
  });
}

function resolveGateway(context: ResolveContext, listeners: readonly Listener[]): GatewaySpec {
  const { input } = context;
  return {
    listeners: Object.fromEntries(listeners.map((listener) => [listener.name, resolveListener(listener, context)])),
    workers: input.gateway?.workers ?? 1,
    ...(input.gateway?.time_zone === undefined ? {} : { timeZone: input.gateway.time_zone }),
    ...(input.gateway?.max_body === undefined ? {} : { maxBodyBytes: parseSize(input.gateway.max_body) }),
    ...(input.gateway?.jwt === undefined ? {} : { jwt: resolveJwt(input.gateway.jwt) }),
    ...(input.gateway?.limit_store === undefined ? {} : { limitStore: resolveLimitStore(input.gateway.limit_store) }),
  };
}

function resolveTenants({ input }: ResolveContext): { readonly tenants?: Readonly<Record<string, TenantSpec>> } {
  const tenants = Object.entries(input.tenants).map(([name, { limits, budget, priority, weight }]) => {
    const tenant: TenantSpec = {
      ...(resolveLimitPolicy(limits, budget) ?? NO_LIMITS),
      ...(priority === undefined ? {} : { priority }),
      ...(weight === undefined ? {} : { weight }),
    };
    return [name, tenant] as const;
  });
  return tenants.length === 0 ? {} : { tenants: Object.fromEntries(tenants) };
}

function resolveSecrets(context: ResolveContext): Record<string, SecretSpec> {
  const secrets: Record<string, SecretSpec> = {};
  for (const [name, { env, file }] of Object.entries(context.input.secrets)) {
    secrets[name] = env === undefined ? { file: context.resolvePath(["secrets", name, "file"], file ?? "") } : { env };
  }
  return secrets;
}

function deepFreeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
