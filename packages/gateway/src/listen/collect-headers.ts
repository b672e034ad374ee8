// The headers of a request by their lower-case names, joined as Node joins them: the first of those that may come once, all of the
// others with commas, cookies with semicolons. So a stage sees the same whichever way a request came.
import type { IncomingHttpHeaders } from "node:http";

/** Of these a second one is dropped. The list is that of Node's documentation of `message.headers`. */
const ONCE: ReadonlySet<string> = new Set([
  "age",
  "authorization",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "host",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
]);

/** Collects name, value, name, value … */
export function collectHeaders(raw: readonly string[]): IncomingHttpHeaders {
  // No prototype: a header may be called `__proto__` or `constructor`.
  const headers = Object.create(null) as IncomingHttpHeaders;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = (raw[index] as string).toLowerCase();
    const value = raw[index + 1] as string;
    const known = headers[name];
    if (name === "set-cookie") headers[name] = known === undefined ? [value] : [...(known as string[]), value];
    else if (known === undefined) headers[name] = value;
    else if (!ONCE.has(name)) headers[name] = `${known as string}${name === "cookie" ? "; " : ", "}${value}`;
  }
  return headers;
}
