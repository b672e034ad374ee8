// The headers that go back to the client: the upstream's bytes without those of one hop.
import type { ResponseHead } from "../upstream/upstream.ts";
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

/** Copies the headers; `x-request-id` is added when the upstream does not answer with one. */
export function clientHeaders(head: ResponseHead, requestId: string): ClientHeaders {
  const { headers } = head;
  const list: string[] = [];
  let contentType = "";
  let hasRequestId = false;
  const named = connectionTokens(headerValue(head, "connection"));
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    const lower = name.toLowerCase();
    if (DROPPED.has(lower) || named?.has(lower)) continue;
    const value = headers[index + 1] as string;
    if (lower === "x-request-id") hasRequestId = true;
    if (lower === "content-type") contentType = value.toLowerCase();
    list.push(name, value);
  }
  if (!hasRequestId) list.push("x-request-id", requestId);
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
