// Reads the text of one response head, strictly: what RFC 9112 calls malformed is refused and not repaired. The text is cut into names
// and values by position, so one conversion from bytes serves all headers.
import type { ResponseFault } from "./response-fault.ts";
import { isToken } from "./token.ts";
import type { ResponseHead } from "./upstream.ts";

/** Headers of one response. */
export const MAX_RESPONSE_HEADERS = 2_000;

/** A head with what it says about the bytes behind it. */
export interface ParsedHead extends ResponseHead {
  readonly headers: string[];
  /** −1: not given. */
  contentLength: number;
  isChunked: boolean;
  saysClose: boolean;
  saysKeepAlive: boolean;
  /** Of `HTTP/1.1`: persistent unless it says otherwise. */
  isPersistentVersion: boolean;
  /** How long the server says that it keeps an idle connection; −1: not said. */
  idleTimeoutMs: number;
}

/** Whether the server takes another request on this connection, once the response has ended by its own framing. */
export function keepsAlive(head: ParsedHead): boolean {
  return !head.saysClose && (head.isPersistentVersion || head.saysKeepAlive);
}

/** Parses a head. `text` is without the final empty line; control characters other than CRLF and tab were refused before. */
export function parseResponseHead(text: string): ParsedHead | ResponseFault {
  const lineEnd = endOfLine(text, 0);
  const status = readStatus(text, lineEnd);
  if (status < 0) return "FB_UPSTREAM_STATUS_LINE";
  const head: ParsedHead = {
    status,
    statusText: lineEnd > 13 ? text.slice(13, lineEnd) : "",
    headers: [],
    contentLength: -1,
    isChunked: false,
    saysClose: false,
    saysKeepAlive: false,
    isPersistentVersion: text.charCodeAt(7) === ONE,
    idleTimeoutMs: -1,
  };
  const fault = readHeaders(head, text, lineEnd + 2);
  if (fault !== undefined) return fault;
  if (head.isChunked && head.contentLength >= 0) return "FB_UPSTREAM_LENGTH_AND_ENCODING";
  if (head.isChunked && !head.isPersistentVersion) return "FB_UPSTREAM_TRANSFER_ENCODING";
  return head;
}

const ZERO = 0x30;
const ONE = 0x31;
const SPACE = 0x20;
const TAB = 0x09;

function endOfLine(text: string, from: number): number {
  // The scanner lets no carriage return through without its line feed, and one character is found much faster than two.
  const at = text.indexOf("\r", from);
  return at < 0 ? text.length : at;
}

/** The three digits of `HTTP/1.x ddd reason`; −1 when the line is something else. */
function readStatus(text: string, lineEnd: number): number {
  if (lineEnd < 12 || !text.startsWith("HTTP/1.") || text.charCodeAt(8) !== SPACE) return -1;
  const minor = text.charCodeAt(7) - ZERO;
  if (minor !== 0 && minor !== 1) return -1;
  if (lineEnd > 12 && text.charCodeAt(12) !== SPACE) return -1;
  let status = 0;
  for (let at = 9; at < 12; at += 1) {
    const digit = text.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return -1;
    status = status * 10 + digit;
  }
  return status >= 100 ? status : -1;
}

function readHeaders(head: ParsedHead, text: string, from: number): ResponseFault | undefined {
  const { headers } = head;
  for (let at = from; at < text.length;) {
    const lineEnd = endOfLine(text, at);
    const first = text.charCodeAt(at);
    if (first === SPACE || first === TAB) return "FB_UPSTREAM_OBS_FOLD";
    const colon = text.indexOf(":", at);
    if (colon < 0 || colon >= lineEnd) return "FB_UPSTREAM_HEADER";
    const name = text.slice(at, colon);
    if (!isToken(name)) return "FB_UPSTREAM_HEADER";
    const value = sliceTrimmed(text, colon + 1, lineEnd);
    const outcome = readFraming(head, name, value);
    if (outcome === undefined) {
      headers.push(name, value);
      if (headers.length > 2 * MAX_RESPONSE_HEADERS) return "FB_UPSTREAM_TOO_MANY_HEADERS";
    } else if (outcome !== "repeated") return outcome;
    at = lineEnd + 2;
  }
  return undefined;
}

function sliceTrimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Notes what the header says about the connection or the body. Few names have the length of one that does. */
function readFraming(head: ParsedHead, name: string, value: string): ResponseFault | "repeated" | undefined {
  switch (name.length) {
    case 10: {
      const lower = name.toLowerCase();
      if (lower === "connection") readConnection(head, value);
      else if (lower === "keep-alive") readKeepAlive(head, value);
      return undefined;
    }
    case 14:
      return name.toLowerCase() === "content-length" ? readContentLength(head, value) : undefined;
    case 17:
      if (name.toLowerCase() !== "transfer-encoding") return undefined;
      if (head.isChunked || value.toLowerCase() !== "chunked") return "FB_UPSTREAM_TRANSFER_ENCODING";
      head.isChunked = true;
      return undefined;
    default:
      return undefined;
  }
}

function readConnection(head: ParsedHead, value: string): void {
  const lower = value.toLowerCase();
  if (lower === "keep-alive") {
    head.saysKeepAlive = true;
    return;
  }
  for (const token of lower.split(",")) {
    const trimmed = token.trim();
    if (trimmed === "close") head.saysClose = true;
    else if (trimmed === "keep-alive") head.saysKeepAlive = true;
  }
}

const TIMEOUT = /(?:^|[\s,;])timeout=(\d{1,9})(?:$|[\s,;])/i;

function readKeepAlive(head: ParsedHead, value: string): void {
  const seconds = TIMEOUT.exec(value)?.[1];
  if (seconds !== undefined) head.idleTimeoutMs = Number(seconds) * 1_000;
}

/** Digits only, and no more than a safe integer has. The same length said again is dropped: two lines of it confuse readers behind. */
function readContentLength(head: ParsedHead, value: string): ResponseFault | "repeated" | undefined {
  if (value.length === 0 || value.length > 15) return "FB_UPSTREAM_CONTENT_LENGTH";
  let length = 0;
  for (let at = 0; at < value.length; at += 1) {
    const digit = value.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) return "FB_UPSTREAM_CONTENT_LENGTH";
    length = length * 10 + digit;
  }
  if (head.contentLength < 0) {
    head.contentLength = length;
    return undefined;
  }
  return head.contentLength === length ? "repeated" : "FB_UPSTREAM_CONTENT_LENGTH";
}
