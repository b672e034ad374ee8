import fc from "fast-check";
import type { RouteMatch } from "@flyball/core";
import { describe, expect, it } from "vitest";
import { pathMatches } from "./match-path.ts";
import { createRouteTable } from "./route-table.ts";

const table = (routes: Record<string, RouteMatch>) =>
  createRouteTable(Object.entries(routes).map(([id, match]) => ({ id, match })));

const query = (path: string, more: { method?: string; host?: string; headers?: Record<string, string> } = {}) => ({
  path,
  method: more.method ?? "GET",
  host: more.host ?? "localhost",
  header: (name: string) => more.headers?.[name],
});

describe("createRouteTable", () => {
  it("prefers the longest path prefix, whatever the order", () => {
    const routes = table({ all: { pathPrefix: "/" }, api: { pathPrefix: "/api" }, v1: { pathPrefix: "/api/v1" } });
    expect(routes.match(query("/api/v1/x"))?.id).toBe("v1");
    expect(routes.match(query("/api/v2"))?.id).toBe("api");
    expect(routes.match(query("/apix"))?.id).toBe("all");
  });

  it("prefers a host, then a method, then more headers", () => {
    const routes = table({
      plain: { pathPrefix: "/" },
      headers: { pathPrefix: "/", headers: { "X-Canary": "yes" } },
      method: { pathPrefix: "/", methods: ["post"] },
      host: { pathPrefix: "/", hosts: ["Shop.example"] },
    });
    const headers = { "x-canary": "yes" };
    expect(routes.match(query("/", { method: "POST", host: "shop.example", headers }))?.id).toBe("host");
    expect(routes.match(query("/", { method: "POST", headers }))?.id).toBe("method");
    expect(routes.match(query("/", { headers }))?.id).toBe("headers");
    expect(routes.match(query("/", { headers: { "x-canary": "no" } }))?.id).toBe("plain");
  });

  it("finds nothing when nothing fits", () => {
    expect(table({ api: { pathPrefix: "/api" } }).match(query("/"))).toBeUndefined();
  });

  it("always takes a longest matching prefix", () => {
    const segment = fc.constantFrom("a", "b", "ab");
    const path = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
    fc.assert(
      fc.property(fc.uniqueArray(path, { minLength: 1, maxLength: 8 }), path, (prefixes, asked) => {
        const routes = table(Object.fromEntries(prefixes.map((prefix) => [prefix, { pathPrefix: prefix }])));
        const fitting = prefixes.filter((prefix) => pathMatches(asked, prefix === "/" ? "" : prefix));
        const longest = Math.max(-1, ...fitting.map((prefix) => (prefix === "/" ? 0 : prefix.length)));
        const found = routes.match(query(asked))?.match.pathPrefix;
        const foundLength = found === undefined ? -1 : found === "/" ? 0 : found.length;
        return foundLength === longest;
      }),
    );
  });
});
