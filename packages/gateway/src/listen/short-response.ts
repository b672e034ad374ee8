// A response of HTTP/1.1 written straight to its connection: the head is one string, and what can leave together leaves in one write.
// Framing is ours here: a length as given, else chunks (RFC 9112 §7.1), and nothing after a status that has no body.
import { STATUS_CODES, type OutgoingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { isToken } from "../upstream/token.ts";
import type { ClientResponse } from "./client-request.ts";
import type { ShortRequest } from "./short-request.ts";

/** Up to here a piece is joined with what goes before and after it; a longer one is written by itself, without a copy. */
const JOINED_BYTES = 8 * 1024;
const LAST_CHUNK = "0\r\n\r\n";
/** What a header's value may not have (RFC 9110 §5.5); above 0xff is no byte. */
const FORBIDDEN_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;

/** The connection that a response goes to. */
export interface ShortConnection {
  readonly socket: Socket;
  /** Lines that say how long the connection is kept. */
  readonly keepAliveLines: string;
  /** The value of the date header now. */
  date(): string;
  /** What is written now leaves at the end of the turn. */
  holdWrites(): void;
  /** Told that the system took the last byte, or why it did not. A function of the connection, so that a response needs no closure. */
  readonly onWritten: (error?: Error | null) => void;
}

/** Made once per request. */
export class ShortResponse implements ClientResponse {
  readonly req: ShortRequest;
  statusCode = 200;
  shouldKeepAlive = true;
  headersSent = false;
  writableEnded = false;
  writableFinished = false;
  isClosed = false;
  readonly #connection: ShortConnection;
  /** Headers that were set before the head was written; name, value … */
  #set: string[] | undefined;
  /** The head, until it goes out. */
  #head = "";
  #isChunked = false;
  #hasBody = true;
  #isGivenUp = false;
  #closeListeners: (() => void)[] | undefined;
  #drainListeners: (() => void)[] | undefined;

  constructor(request: ShortRequest, connection: ShortConnection) {
    this.req = request;
    this.#connection = connection;
  }

  /** Node asks this of the message that runs on a connection before it closes an idle one: while bytes of it wait, it is not. */
  get finished(): boolean {
    return this.isClosed;
  }

  get destroyed(): boolean {
    return this.isClosed || this.#connection.socket.destroyed;
  }

  get writableNeedDrain(): boolean {
    return this.#connection.socket.writableNeedDrain;
  }

  setHeader(name: string, value: string | number): this {
    const set = (this.#set ??= []);
    const lower = name.toLowerCase();
    let at = 0;
    while (at < set.length && (set[at] as string).toLowerCase() !== lower) at += 2;
    set[at] = name;
    set[at + 1] = String(value);
    return this;
  }

  writeHead(
    status: number,
    first?: string | OutgoingHttpHeaders | string[],
    second?: OutgoingHttpHeaders | string[],
  ): this {
    // A second head would be taken for the next answer of the connection.
    if (this.headersSent) throw new Error("the head of this response was written before");
    const phrase = typeof first === "string" ? first : (STATUS_CODES[status] ?? "unknown");
    const given = typeof first === "string" ? second : first;
    const list = given === undefined ? [] : Array.isArray(given) ? given : listOf(given);
    const all = this.#set === undefined ? list : [...withoutNamed(this.#set, list), ...list];
    this.#hasBody = mayHaveBody(status);
    this.#head = this.#writeLines(status, phrase, all);
    this.statusCode = status;
    this.headersSent = true;
    return this;
  }

  #writeLines(status: number, phrase: string, list: readonly string[]): string {
    if (FORBIDDEN_IN_VALUE.test(phrase)) throw new TypeError("the phrase has a character that no phrase has");
    let lines = `HTTP/1.1 ${status} ${phrase}\r\n`;
    let hasLength = false;
    let hasDate = false;
    for (let index = 0; index + 1 < list.length; index += 2) {
      const name = list[index] as string;
      const value = list[index + 1] as string;
      if (!isToken(name) || FORBIDDEN_IN_VALUE.test(value)) {
        throw new TypeError(`the header ${JSON.stringify(name)} has a character that no header has`);
      }
      if (name.length === 14) hasLength ||= name.toLowerCase() === "content-length";
      else if (name.length === 4) hasDate ||= name.toLowerCase() === "date";
      lines += `${name}: ${value}\r\n`;
    }
    if (!hasDate) lines += `Date: ${this.#connection.date()}\r\n`;
    lines += this.shouldKeepAlive ? this.#connection.keepAliveLines : "Connection: close\r\n";
    this.#isChunked = this.#hasBody && !hasLength;
    return this.#isChunked ? `${lines}Transfer-Encoding: chunked\r\n\r\n` : `${lines}\r\n`;
  }

  flushHeaders(): void {
    if (!this.headersSent) this.writeHead(this.statusCode);
    if (this.#head === "") return;
    const head = this.#head;
    this.#head = "";
    this.#write(head);
  }

  writeProcessing(): void {
    if (!this.headersSent) this.#write("HTTP/1.1 102 Processing\r\n\r\n");
  }

  writeEarlyHints({ link }: { readonly link: readonly string[] }): void {
    const value = link.join(", ");
    if (this.headersSent || FORBIDDEN_IN_VALUE.test(value)) return;
    this.#write(`HTTP/1.1 103 Early Hints\r\nLink: ${value}\r\n\r\n`);
  }

  write(piece: string | Uint8Array): boolean {
    const bytes = asBuffer(piece);
    if (this.writableEnded) return false;
    if (!this.headersSent) this.writeHead(this.statusCode);
    if (bytes.length === 0 || !this.#hasBody) {
      this.flushHeaders();
      return !this.writableNeedDrain;
    }
    const [before, after] = this.#isChunked ? [`${bytes.length.toString(16)}\r\n`, "\r\n"] : ["", ""];
    return this.#send(before, bytes, after, false);
  }

  end(piece?: string | Uint8Array): this {
    if (this.writableEnded) return this;
    const bytes = piece === undefined ? undefined : asBuffer(piece);
    if (!this.headersSent) {
      // All of the body is known, so its length is said, except where there is none (RFC 9110 §8.6).
      if (mayHaveBody(this.statusCode)) this.setHeader("content-length", bytes?.length ?? 0);
      this.writeHead(this.statusCode);
    }
    this.writableEnded = true;
    const hasBytes = bytes !== undefined && bytes.length > 0 && this.#hasBody;
    if (!hasBytes) this.#send("", undefined, this.#isChunked ? LAST_CHUNK : "", true);
    else if (this.#isChunked) this.#send(`${bytes.length.toString(16)}\r\n`, bytes, `\r\n${LAST_CHUNK}`, true);
    else this.#send("", bytes, "", true);
    return this;
  }

  once(event: "close" | "drain", listener: () => void): this {
    if (event === "close") this.#closeListeners = [...(this.#closeListeners ?? []), listener];
    else this.#drainListeners = [...(this.#drainListeners ?? []), listener];
    return this;
  }

  off(event: "close" | "drain", listener: () => void): this {
    const listeners = event === "close" ? this.#closeListeners : this.#drainListeners;
    const at = listeners?.indexOf(listener) ?? -1;
    if (at >= 0) listeners?.splice(at, 1);
    return this;
  }

  /** The connection can take more. */
  onDrain(): void {
    const listeners = this.#drainListeners;
    this.#drainListeners = undefined;
    for (const listener of listeners ?? []) listener();
  }

  /** The last byte went out, or the connection is gone: the end of this response, told once. */
  close(isFinished: boolean): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.writableFinished = isFinished;
    this.#drainListeners = undefined;
    for (const listener of this.#closeListeners ?? []) listener();
  }

  /** Head, then what comes before a piece, the piece, and what comes after it. */
  #send(before: string, bytes: Buffer | undefined, after: string, isLast: boolean): boolean {
    // A whole answer: nothing of it left yet, and nothing follows.
    if (isLast && this.#head !== "") this.#connection.holdWrites();
    const start = this.#head + before;
    this.#head = "";
    if (bytes === undefined) return this.#write(start + after, isLast);
    if (bytes.length <= JOINED_BYTES) return this.#write(start + bytes.toString("latin1") + after, isLast);
    const { socket } = this.#connection;
    if (!socket.writable) return this.#giveUp();
    socket.cork();
    if (start !== "") socket.write(start, "latin1");
    const isTaken = this.#writeBytes(bytes, isLast && after === "");
    if (after !== "") this.#write(after, isLast);
    socket.uncork();
    return isTaken && !socket.writableNeedDrain;
  }

  #write(text: string, isLast = false): boolean {
    const { socket, onWritten } = this.#connection;
    if (!socket.writable) return this.#giveUp();
    if (isLast) return socket.write(text, "latin1", onWritten);
    return text === "" || socket.write(text, "latin1");
  }

  /**
   * A client that has left, or was answered as malformed meanwhile: what is written for it means nothing. The connection goes as soon as
   * what was written before is out, for else it could stay open, and this response with it, for as long as the client likes.
   */
  #giveUp(): false {
    if (!this.#isGivenUp) this.#connection.socket.destroySoon();
    this.#isGivenUp = true;
    return false;
  }

  #writeBytes(bytes: Buffer, isLast: boolean): boolean {
    const { socket, onWritten } = this.#connection;
    return isLast ? socket.write(bytes, onWritten) : socket.write(bytes);
  }
}

function mayHaveBody(status: number): boolean {
  return status >= 200 && status !== 204 && status !== 304;
}

function asBuffer(piece: string | Uint8Array): Buffer {
  if (typeof piece === "string") return Buffer.from(piece, "utf8");
  return Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
}

function listOf(headers: OutgoingHttpHeaders): string[] {
  const list: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (Array.isArray(value)) for (const one of value) list.push(name, one);
    else if (value !== undefined) list.push(name, String(value));
  }
  return list;
}

/** A header that is written with the head replaces what was set before. */
function withoutNamed(set: readonly string[], list: readonly string[]): string[] {
  const named = new Set(list.filter((_, index) => index % 2 === 0).map((name) => name.toLowerCase()));
  return set.filter((_, index) => !named.has((set[index - (index % 2)] as string).toLowerCase()));
}
