// Routes: those that were written, and one for each published http port.
import type { RouteDestination, RouteMatch, RouteSpec } from "../../app-spec.ts";
import type { RouteInput } from "../schema/routes.ts";
import type { Listener } from "./listeners.ts";
import type { ResolveContext } from "./resolve-context.ts";
import {
  DEFAULT_MODEL_TIMEOUTS,
  DEFAULT_RETRIES,
  DEFAULT_TIMEOUTS,
  resolveRetries,
  resolveTimeouts,
} from "./resolve-traffic.ts";

/** Written routes first. A route whose services all belong to other profiles is left out. */
export function resolveRoutes(context: ResolveContext, listeners: readonly Listener[]): RouteSpec[] {
  const names = new Set(context.input.routes.flatMap((route) => (route.name === undefined ? [] : [route.name])));
  const written = context.input.routes.flatMap((route): RouteSpec[] => {
    const destination = resolveDestination(route, context);
    if (destination === undefined) return [];
    const listener = route.listener ?? listeners[0]?.name ?? "";
    const name = route.name ?? uniqueName(nameFromPath(route.path), names);
    return [
      {
        name,
        listener,
        match: resolveMatch(route),
        destination,
        stripsPrefix: route.strip_prefix,
        ...(route.requires_key ? { requiresKey: true } : {}),
        ...(route.priority === undefined ? {} : { priority: route.priority }),
        ...resolveLimits(route, context),
      },
    ];
  });
  return [...written, ...listeners.flatMap(publishedRoute)];
}

function publishedRoute({ name, service }: Listener): RouteSpec[] {
  if (service === undefined) return [];
  const destination = { kind: "services", services: [{ service, weight: 1 }] } as const;
  return [{ name, listener: name, match: { pathPrefix: "/" }, destination, stripsPrefix: false }];
}

function resolveDestination(route: RouteInput, context: ResolveContext): RouteDestination | undefined {
  if (route.model !== undefined) return { kind: "models", models: [route.model] };
  if (route.models !== undefined) return { kind: "models", models: route.models };
  const shares = route.service === undefined ? (route.services ?? []) : [{ service: route.service, weight: 1 }];
  const services = shares.filter((share) => context.active.has(share.service));
  return services.length === 0 ? undefined : { kind: "services", services };
}

function resolveMatch(route: RouteInput): RouteMatch {
  const headers = Object.entries(route.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    pathPrefix: route.path,
    ...(route.methods === undefined ? {} : { methods: route.methods }),
    ...(route.hosts === undefined ? {} : { hosts: route.hosts.map((host) => host.toLowerCase()) }),
    ...(headers.length === 0 ? {} : { headers: Object.fromEntries(headers) }),
  };
}

/** What a route does not name is taken from its first service, or from its model. */
function resolveLimits(route: RouteInput, context: ResolveContext): Pick<RouteSpec, "timeouts" | "retries"> {
  const first = route.service ?? route.services?.[0]?.service;
  const service = first === undefined ? undefined : context.input.services[first];
  const alias = route.model ?? route.models?.[0];
  const model = alias === undefined ? undefined : context.input.models[alias];
  const below =
    alias === undefined
      ? resolveTimeouts(service?.timeouts, DEFAULT_TIMEOUTS)
      : resolveTimeouts(model?.timeouts, DEFAULT_MODEL_TIMEOUTS);
  return {
    ...(route.timeouts === undefined ? {} : { timeouts: resolveTimeouts(route.timeouts, below) }),
    ...(route.retries === undefined
      ? {}
      : { retries: resolveRetries(route.retries, resolveRetries(service?.retries, DEFAULT_RETRIES)) }),
  };
}

/** `/api/v1` → `api-v1`; `/` → `root`. */
function nameFromPath(path: string): string {
  const words = path.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const name = words.join("-").slice(0, 36);
  return /^[a-z]/.test(name) ? name : name === "" ? "root" : `route-${name}`;
}

function uniqueName(wish: string, names: Set<string>): string {
  let name = wish;
  for (let number = 2; names.has(name); number++) name = `${wish}-${number}`;
  names.add(name);
  return name;
}
