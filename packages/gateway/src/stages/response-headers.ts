// The headers that go back to the client: the upstream's bytes without those of one hop.
import type { ResponseHead } from "../upstream/upstream.ts";
import type { Exchange } from "./exchange.ts";
import { connectionTokens } from "./upstream-headers.ts";

const DROPPED: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What the client gets. */
export interface ClientHeaders {
  /** Flat list for `writeHead`. */
  readonly list: string[];
  /** The value of `content-type`, lower case; `""` when there is none. */
  readonly contentType: string;
}

/** Copies the headers; `x-request-id` is added when the upstream does not answer with one. With CORS the listener's policy alone counts. */
export function clientHeaders(head: ResponseHead, exchange: Pick<Exchange, "id" | "hasCors">): ClientHeaders {
  const { headers } = head;
  const list: string[] = [];
  let contentType = "";
  let hasRequestId = false;
  const named = connectionTokens(headerValue(head, "connection"));
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const lower = name.toLowerCase();
    if (DROPPED.has(lower) || named?.has(lower)) continue;
    if (exchange.hasCors && lower.startsWith("access-control-")) continue;
    const value = headers[index + 1] as string;
    if (lower === "x-request-id") hasRequestId = true;
    if (lower === "content-type") contentType = value.toLowerCase();
    list.push(name, value);
  }
  if (!hasRequestId) list.push("x-request-id", exchange.id);
  // A header that is written with the head replaces what was set before, so it is said again.
  if (exchange.hasCors) list.push("vary", "origin");
  return { list, contentType };
}

/** One header of a response by its lower-case name. */
export function headerValue(head: ResponseHead, lowerCaseName: string): string | undefined {
  for (let index = 0; index < head.headers.length; index += 2) {
    const name = head.headers[index] as string;
    if (name.length === lowerCaseName.length && name.toLowerCase() === lowerCaseName) return head.headers[index + 1];
  }
  return undefined;
}
