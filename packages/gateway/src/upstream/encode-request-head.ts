// Writes the head of a request, and refuses what cannot stand in one: a line break in a value would make two requests of one. Nothing is
// repaired or left out, for the caller should know that what it sends is not what it meant.
import { isWhole, wholeLength } from "../body/whole-body.ts";
import { isToken } from "./token.ts";
import type { UpstreamRequest } from "./upstream.ts";

/** What is the same for all requests of an endpoint. */
export interface RequestForm {
  /** Before each path: `""`, or `http://host:port` where a proxy is asked for plain HTTP. */
  readonly targetPrefix: string;
  /** Header lines with their CRLF, or `""`. */
  readonly extraLines: string;
}

/** The request cannot be written. */
export interface Unsendable {
  readonly reason: string;
}

/**
 * The head with its empty line, each character one byte (latin1); or why there is none. The framing is written here: a whole body's length
 * or `transfer-encoding: chunked` for a stream without a length.
 */
export function encodeRequestHead(request: UpstreamRequest, form: RequestForm): string | Unsendable {
  const { method, path, headers } = request;
  if (!isToken(method) || method === "CONNECT")
    return { reason: `the method ${JSON.stringify(method)} cannot be sent` };
  if (!isTarget(path, method)) return { reason: "the path has characters that a request line cannot have" };
  let head = `${method} ${form.targetPrefix}${path} HTTP/1.1\r\n`;
  let hosts = 0;
  let announced: string | undefined;
  for (let index = 0; index + 1 < headers.length; index += 2) {
    const name = headers[index] as string;
    const value = headers[index + 1] as string;
    if (!isToken(name)) return { reason: `the header name ${JSON.stringify(name)} is malformed` };
    if (!isFieldValue(value))
      return { reason: `the value of the header ${name} has characters that a header cannot have` };
    switch (reservedName(name)) {
      case "host":
        hosts += 1;
        break;
      case "content-length":
        if (announced !== undefined || !/^\d{1,15}$/.test(value)) return { reason: "its content-length is malformed" };
        announced = value;
        continue;
      case "connection":
        return { reason: `the header ${name} belongs to the connection` };
      default:
    }
    head += `${name}: ${value}\r\n`;
  }
  if (hosts !== 1) return { reason: "it needs exactly one host header" };
  const framing = framingLine(request, announced);
  if (typeof framing !== "string") return framing;
  return `${head}${form.extraLines}${connectionLines(request)}${framing}\r\n`;
}

function connectionLines({ upgrade }: UpstreamRequest): string {
  return upgrade === undefined ? "connection: keep-alive\r\n" : `connection: upgrade\r\nupgrade: ${upgrade}\r\n`;
}

/** Names by length; most have none of these lengths. */
function reservedName(name: string): "host" | "content-length" | "connection" | undefined {
  switch (name.length) {
    case 4:
      return name.toLowerCase() === "host" ? "host" : undefined;
    case 14:
      return name.toLowerCase() === "content-length" ? "content-length" : undefined;
    case 6:
    case 7:
    case 10:
    case 16:
    case 17:
      return CONNECTION_HEADERS.has(name.toLowerCase()) ? "connection" : undefined;
    default:
      return undefined;
  }
}

const CONNECTION_HEADERS: ReadonlySet<string> = new Set([
  "expect",
  "upgrade",
  "connection",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
]);

function framingLine(request: UpstreamRequest, announced: string | undefined): string | Unsendable {
  const { body, method, upgrade } = request;
  if (upgrade !== undefined && (!isToken(upgrade) || body !== null)) {
    return { reason: "a request that switches protocols has a plain protocol name and no body" };
  }
  if (body !== null && !isWhole(body)) {
    return announced === undefined ? "transfer-encoding: chunked\r\n" : `content-length: ${announced}\r\n`;
  }
  const length = body === null ? 0 : wholeLength(body);
  if (announced !== undefined && Number(announced) !== length) {
    return { reason: `its content-length is ${announced} and its body has ${length} bytes` };
  }
  if (length > 0 || announced !== undefined) return `content-length: ${length}\r\n`;
  // Servers take a request of these methods without a length for one whose body is still to come.
  return method === "POST" || method === "PUT" || method === "PATCH" ? "content-length: 0\r\n" : "";
}

function isFieldValue(value: string): boolean {
  for (let at = 0; at < value.length; at += 1) {
    const code = value.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return true;
}

function isTarget(path: string, method: string): boolean {
  if (path === "*") return method === "OPTIONS";
  if (path.charCodeAt(0) !== 0x2f) return false;
  for (let at = 1; at < path.length; at += 1) {
    const code = path.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f || code > 0xff) return false;
  }
  return true;
}

/** The `content-length` that a streamed body was announced with; −1 without. */
export function announcedLength(headers: readonly string[]): number {
  for (let index = 0; index + 1 < headers.length; index += 2) {
    if ((headers[index] as string).toLowerCase() === "content-length") return Number(headers[index + 1]);
  }
  return -1;
}
