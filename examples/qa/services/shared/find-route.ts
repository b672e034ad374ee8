// Finds the route of a request. Paths are compared part by part; a known path with another method is told apart from an
// unknown path, because the client's mistake is a different one.
import type { Route } from "./service.ts";

/** Outcome of a look-up. */
export type RouteMatch =
  | { readonly kind: "found"; readonly route: Route; readonly parameters: Record<string, string> }
  | { readonly kind: "other-method"; readonly allow: string }
  | { readonly kind: "unknown" };

/** Finds the route for a method and a path without its query. */
export function findRoute(routes: readonly Route[], method: string, path: string): RouteMatch {
  const wanted = method === "HEAD" ? "GET" : method;
  const allowed: string[] = [];
  for (const route of routes) {
    const parameters = matchPath(route.path, path);
    if (parameters === null) continue;
    if (route.method === wanted) return { kind: "found", route, parameters };
    allowed.push(route.method === "GET" ? "GET, HEAD" : route.method);
  }
  return allowed.length > 0 ? { kind: "other-method", allow: allowed.join(", ") } : { kind: "unknown" };
}

function matchPath(pattern: string, path: string): Record<string, string> | null {
  const expected = pattern.split("/");
  const actual = path.split("/");
  if (expected.length !== actual.length) return null;
  const parameters: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    const value = actual[index] ?? "";
    if (part.startsWith(":") && value !== "") parameters[part.slice(1)] = value;
    else if (part !== value) return null;
  }
  return parameters;
}
