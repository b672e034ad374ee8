// Which web pages may read what a listener answers. The headers are set before anything is answered, so errors carry them too: a page
// that cannot read an error can only say that something failed.
import type { ClientRequest, ClientResponse } from "./client-request.ts";
import type { CorsPolicy } from "@flyball/core";

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";
/** What pages may read besides the headers that every page may. */
const EXPOSED = "x-request-id, x-flyball-backend, x-flyball-attempts, server-timing, retry-after, retry-after-ms";

/** Sets the headers on a response. Returns true for a preflight request, which is answered with nothing more. */
export function applyCors(policy: CorsPolicy, request: ClientRequest, response: ClientResponse): boolean {
  const { origin, "access-control-request-method": askedMethod } = request.headers;
  const isPreflight = request.method === "OPTIONS" && origin !== undefined && askedMethod !== undefined;
  const isEveryOrigin = policy.origins.includes("*");
  if (!isEveryOrigin) response.setHeader("vary", isPreflight ? "origin, access-control-request-headers" : "origin");
  if (origin === undefined) return false;
  if (!isEveryOrigin && !policy.origins.includes(origin.toLowerCase())) return isPreflight;
  response.setHeader("access-control-allow-origin", isEveryOrigin ? "*" : origin);
  if (policy.allowsCredentials) response.setHeader("access-control-allow-credentials", "true");
  if (!isPreflight) {
    response.setHeader("access-control-expose-headers", EXPOSED);
    return false;
  }
  response.setHeader("access-control-allow-methods", METHODS);
  const headers = allowedHeaders(policy, request.headers["access-control-request-headers"]);
  if (headers !== "") response.setHeader("access-control-allow-headers", headers);
  response.setHeader("access-control-max-age", String(policy.maxAgeSeconds));
  return true;
}

/** With `*` what the page asks for: browsers take a `*` in the answer for a name as soon as credentials are in play. */
function allowedHeaders({ headers }: CorsPolicy, asked: string | undefined): string {
  if (!headers.includes("*")) return headers.join(", ");
  return asked !== undefined && /^[\w!#$%&'*+.^`|~, -]{1,2000}$/.test(asked) ? asked : "";
}
