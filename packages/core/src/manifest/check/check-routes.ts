// Routes: where they listen, where they lead, and that no two match the same requests.
import { nearestName } from "../problems/nearest-name.ts";
import { formatPath } from "../problems/manifest-problem.ts";
import { speaksHttp } from "../resolve/effective-ports.ts";
import { collectListeners, type Listener } from "../resolve/listeners.ts";
import type { RouteInput } from "../schema/routes.ts";
import type { ManifestPath } from "../source/manifest-node.ts";
import { activeServices, requireName, serviceNamed, type CheckContext } from "./check-context.ts";

/** Checks each route, then all against one another. */
export function checkRoutes(context: CheckContext): void {
  const listeners = collectListeners(context.input, activeServices(context));
  const matches: Match[] = listeners.flatMap((listener) =>
    listener.service === undefined ? [] : [publishedMatch(listener)],
  );
  const names = new Map<string, ManifestPath>();
  for (const [index, route] of context.input.routes.entries()) {
    const path = ["routes", index];
    checkName(route, { path, names }, context);
    checkDestination(route, path, context);
    checkMatch(route, path, context);
    const listener = checkListener(route, { path, listeners }, context);
    if (listener !== undefined) checkConflict(route, { listener, place: path, matches, context });
  }
}

function checkName(
  route: RouteInput,
  { path, names }: { path: ManifestPath; names: Map<string, ManifestPath> },
  context: CheckContext,
): void {
  if (route.name === undefined) return;
  const holder = names.get(route.name);
  if (holder !== undefined) {
    const message = `${formatPath(holder)} has the name "${route.name}" as well`;
    context.report({ path: [...path, "name"], code: "FB_MANIFEST_DUPLICATE", message });
  } else names.set(route.name, path);
}

function checkDestination(route: RouteInput, path: ManifestPath, context: CheckContext): void {
  const given = (["service", "services", "model", "models"] as const).filter((key) => route[key] !== undefined);
  if (given.length !== 1) {
    const seen = given.length === 0 ? "none" : given.join(" and ");
    const message = `expected exactly one of service, services, model and models, saw ${seen}`;
    context.report({ path, code: given.length === 0 ? "FB_MANIFEST_MISSING_KEY" : "FB_MANIFEST_CONFLICT", message });
    return;
  }
  if (route.service !== undefined) checkService(route.service, [...path, "service"], context);
  const seen = new Set<string>();
  for (const [index, share] of (route.services ?? []).entries()) {
    const place = [...path, "services", index, "service"];
    checkService(share.service, place, context);
    if (seen.has(share.service)) {
      context.report({
        path: place,
        code: "FB_MANIFEST_DUPLICATE",
        message: `"${share.service}" stands twice; add the weights`,
      });
    }
    seen.add(share.service);
  }
  if (route.model !== undefined) requireName(context, "model", { name: route.model, path: [...path, "model"] });
  for (const [index, model] of (route.models ?? []).entries()) {
    requireName(context, "model", { name: model, path: [...path, "models", index] });
  }
}

function checkService(name: string, path: ManifestPath, context: CheckContext): void {
  if (!requireName(context, "service", { name, path })) return;
  const service = serviceNamed(context, name);
  if (service === undefined || speaksHttp(service)) return;
  const message =
    service.kind === "job"
      ? `"${name}" is a job; a route needs a service`
      : `"${name}" has no http port; a route needs one`;
  context.report({ path, code: "FB_MANIFEST_CONFLICT", message });
}

function checkMatch(route: RouteInput, path: ManifestPath, context: CheckContext): void {
  const wrong = (message: string, place: ManifestPath): void =>
    context.report({ path: place, code: "FB_MANIFEST_WRONG_VALUE", message });
  if (/[*?#\s]/.test(route.path))
    wrong(`expected the beginning of a path without * ? # or spaces, saw "${route.path}"`, [...path, "path"]);
  else if (route.path.length > 1 && route.path.endsWith("/")) {
    wrong(`a path is a prefix and ends without /; write ${route.path.replace(/\/+$/, "") || "/"}`, [...path, "path"]);
  }
  for (const [index, host] of (route.hosts ?? []).entries()) {
    const isHost = /^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.?)+$/.test(host) || /^\[[0-9A-Fa-f:]+\]$/.test(host);
    if (!isHost)
      wrong(`expected a host name without scheme, port or *, saw "${host.slice(0, 80)}"`, [...path, "hosts", index]);
  }
  for (const header of Object.keys(route.headers ?? {})) {
    if (!/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(header))
      wrong(`"${header.slice(0, 40)}" is not a header name`, [...path, "headers", header]);
  }
}

function checkListener(
  route: RouteInput,
  { path, listeners }: { path: ManifestPath; listeners: readonly Listener[] },
  context: CheckContext,
): string | undefined {
  const names = listeners.map((listener) => listener.name);
  if (route.listener !== undefined) {
    if (names.includes(route.listener)) return route.listener;
    const message = `there is no listener "${route.listener}"${names.length === 0 ? "" : `; listeners are ${names.join(", ")}`}`;
    const suggestion = nearestName(route.listener, names);
    context.report({ path: [...path, "listener"], code: "FB_MANIFEST_UNKNOWN_NAME", message, suggestion });
    return undefined;
  }
  if (names.length === 1) return names[0];
  const message =
    names.length === 0
      ? "there is no listener; add gateway: { listeners: { public: { port: 8080 } } }, or published on an http port"
      : `"listener" is missing; there are several: ${names.join(", ")}`;
  context.report({ path: [...path, "listener"], code: "FB_MANIFEST_MISSING_KEY", message, part: "key" });
  return undefined;
}

interface Match {
  readonly listener: string;
  readonly place: ManifestPath;
  readonly pathPrefix: string;
  readonly methods: readonly string[] | undefined;
  readonly hosts: readonly string[] | undefined;
  readonly headers: string;
}

function publishedMatch(listener: Listener): Match {
  return {
    listener: listener.name,
    place: listener.path,
    pathPrefix: "/",
    methods: undefined,
    hosts: undefined,
    headers: "",
  };
}

function checkConflict(
  route: RouteInput,
  {
    listener,
    place,
    matches,
    context,
  }: { listener: string; place: ManifestPath; matches: Match[]; context: CheckContext },
): void {
  const headers = Object.entries(route.headers ?? {}).map(([name, value]) => `${name.toLowerCase()}: ${value}`);
  const match: Match = {
    listener,
    place,
    pathPrefix: route.path,
    methods: route.methods,
    hosts: route.hosts?.map((host) => host.toLowerCase()),
    headers: headers.toSorted().join("\n"),
  };
  const other = matches.find((known) => isAmbiguous(known, match));
  matches.push(match);
  if (other === undefined) return;
  const message = `${formatPath(other.place)} matches the same requests; give one a longer path, a method, a host or a header`;
  context.report({ path: place, code: "FB_MANIFEST_ROUTE_CLASH", message });
}

/** Neither is more specific, and some request fits both. */
function isAmbiguous(a: Match, b: Match): boolean {
  return (
    a.listener === b.listener &&
    a.pathPrefix === b.pathPrefix &&
    a.headers === b.headers &&
    overlap(a.methods, b.methods) &&
    overlap(a.hosts, b.hosts)
  );
}

/** Both without the condition, or both with a value in common. */
function overlap(a: readonly string[] | undefined, b: readonly string[] | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.some((value) => b.includes(value));
}
