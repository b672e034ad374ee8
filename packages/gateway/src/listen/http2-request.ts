// A request of HTTP/2 in the form that the stages know from HTTP/1.1: the authority is the host, pseudo headers are gone, and cookies,
// which HTTP/2 clients may send in pieces, are one line again (RFC 9113 §8.2.3).
import { Http2ServerRequest, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { ReadableOptions } from "node:stream";

/** Made by Node for each stream; the constructor's parameters are Node's. */
export class Http2Request extends Http2ServerRequest {
  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    options: ReadableOptions,
    rawHeaders: readonly string[],
  ) {
    super(stream, withHost(headers), options, plainHeaders(rawHeaders, headers[":authority"]));
  }
}

function withHost(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const authority = headers[":authority"];
  if (authority !== undefined) headers.host = authority;
  return headers;
}

/** A host header that says something else than the authority stays, so that the accept stage sees two hosts and refuses. */
function plainHeaders(raw: readonly string[], authority: string | undefined): string[] {
  const plain: string[] = authority === undefined ? [] : ["host", authority];
  let cookies = "";
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] as string;
    const value = raw[index + 1] as string;
    if (name.startsWith(":") || (name === "host" && value === authority)) continue;
    if (name === "cookie") cookies += cookies === "" ? value : `; ${value}`;
    else plain.push(name, value);
  }
  if (cookies !== "") plain.push("cookie", cookies);
  return plain;
}
