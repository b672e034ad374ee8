// Which route a request takes. Routes are sorted once, when a snapshot comes in: the longest path prefix first, then the ones with a
// host, with methods, with more headers. The first match wins, so the order in the manifest never matters.
import type { RouteMatch } from "@flyball/core";
import { normalisePrefix, pathMatches } from "./match-path.ts";

/** What of a request decides its route. `host` is lower case without its port. */
export interface RouteQuery {
  readonly method: string;
  readonly path: string;
  readonly host: string;
  header(lowerCaseName: string): string | undefined;
}

/** A sorted table. */
export interface RouteTable<T> {
  match(query: RouteQuery): T | undefined;
}

interface Row<T> {
  readonly route: T;
  readonly prefix: string;
  readonly hosts: ReadonlySet<string> | undefined;
  readonly methods: ReadonlySet<string> | undefined;
  readonly headers: readonly (readonly [string, string])[];
}

/** Sorts routes by specificity; equal ones keep the order of their ids, so that every worker decides alike. */
export function createRouteTable<T extends { readonly id: string; readonly match: RouteMatch }>(
  routes: readonly T[],
): RouteTable<T> {
  const rows = routes.map((route) => compileRow(route)).toSorted(bySpecificity);
  return {
    match(query) {
      for (const row of rows) if (rowMatches(row, query)) return row.route;
      return undefined;
    },
  };
}

function compileRow<T extends { readonly match: RouteMatch }>(route: T): Row<T> {
  const { pathPrefix, hosts, methods, headers } = route.match;
  return {
    route,
    prefix: normalisePrefix(pathPrefix),
    hosts: hosts && new Set(hosts.map((host) => host.toLowerCase())),
    methods: methods && new Set(methods.map((method) => method.toUpperCase())),
    headers: Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  };
}

function bySpecificity<T extends { readonly id: string }>(a: Row<T>, b: Row<T>): number {
  return (
    b.prefix.length - a.prefix.length ||
    Number(b.hosts !== undefined) - Number(a.hosts !== undefined) ||
    Number(b.methods !== undefined) - Number(a.methods !== undefined) ||
    b.headers.length - a.headers.length ||
    (a.route.id < b.route.id ? -1 : 1)
  );
}

function rowMatches<T>(row: Row<T>, query: RouteQuery): boolean {
  if (!pathMatches(query.path, row.prefix)) return false;
  if (row.hosts && !row.hosts.has(query.host)) return false;
  if (row.methods && !row.methods.has(query.method)) return false;
  return row.headers.every(([name, value]) => query.header(name) === value);
}
