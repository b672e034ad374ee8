// Reads the responses of one connection: heads (head-scanner.ts, parse-response-head.ts) and the three ways in which a body can end. It
// keeps no byte of a body and knows nothing of sockets, so the same bytes give the same calls however they are cut into reads.
import { ChunkDecoder } from "./chunk-decoder.ts";
import { HeadScanner } from "./head-scanner.ts";
import { keepsAlive, parseResponseHead } from "./parse-response-head.ts";
import type { ResponseFault } from "./response-fault.ts";
import type { ResponseHead } from "./upstream.ts";

/** Informational responses before one final response. */
export const MAX_INFORMATIONAL = 1_000;

/** What is asked, as far as it decides how the response is read. */
export type AskedKind = "ordinary" | "head" | "upgrade" | "connect";

/** Who is told. Each may call `stop`. */
export interface ResponseSink {
  onInformation(head: ResponseHead): void;
  onHead(head: ResponseHead): void;
  /** Bytes of the body are `bytes` from `start` to `end`; they are the reader's and change after the call. */
  onBody(bytes: Buffer, start: number, end: number): void;
}

const HEAD = 0;
const BY_LENGTH = 1;
const BY_CHUNKS = 2;
const BY_CLOSE = 3;
const COMPLETE = 4;
const STOPPED = 5;

/** A parser for one connection: `reset` for each request, then `execute` for each read and `finish` at the end of the connection. */
export class ResponseParser {
  fault: ResponseFault | undefined;
  /** The head of a switch of protocols; the bytes behind it are not HTTP. */
  switched: ResponseHead | undefined;
  /** Another request may go on this connection once the response is complete. */
  keepsAlive = false;
  /** How long the server keeps an idle connection; −1: not said. */
  idleTimeoutMs = -1;
  readonly #sink: ResponseSink;
  readonly #scanner = new HeadScanner();
  readonly #chunks = new ChunkDecoder();
  #state = STOPPED;
  #asked: AskedKind = "ordinary";
  #left = 0;
  #informational = 0;

  constructor(sink: ResponseSink) {
    this.#sink = sink;
  }

  /** The response was whole, by its own framing. */
  get isComplete(): boolean {
    return this.#state === COMPLETE;
  }

  /** Expects the response to a new request. */
  reset(asked: AskedKind): void {
    this.fault = undefined;
    this.switched = undefined;
    this.keepsAlive = false;
    this.idleTimeoutMs = -1;
    this.#asked = asked;
    this.#informational = 0;
    this.#scanner.reset();
    this.#state = HEAD;
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#state = STOPPED;
  }

  /** Reads `bytes` from `start` to `end`; gives the offset behind the last byte that belongs to the response. */
  execute(bytes: Buffer, start: number, end: number): number {
    let at = start;
    while (at < end) {
      switch (this.#state) {
        case HEAD: {
          const headEnd = this.#scanner.scan(bytes, at, end);
          if (this.#scanner.fault !== undefined) return this.#fail(this.#scanner.fault, at);
          if (headEnd < 0) return end;
          at = headEnd;
          this.#takeHead();
          break;
        }
        case BY_LENGTH: {
          const stop = Math.min(end, at + this.#left);
          this.#left -= stop - at;
          this.#sink.onBody(bytes, at, stop);
          at = stop;
          if (this.#left === 0 && this.#state === BY_LENGTH) this.#state = COMPLETE;
          break;
        }
        case BY_CHUNKS:
          at = this.#takeChunk(bytes, at, end);
          break;
        case BY_CLOSE:
          this.#sink.onBody(bytes, at, end);
          return end;
        default:
          return at;
      }
    }
    return at;
  }

  /** The connection ended. Whether the response was complete by that. */
  finish(): boolean {
    if (this.#state === BY_CLOSE) this.#state = COMPLETE;
    return this.#state === COMPLETE;
  }

  #fail(fault: ResponseFault, at: number): number {
    this.fault = fault;
    this.#state = STOPPED;
    return at;
  }

  #takeChunk(bytes: Buffer, start: number, end: number): number {
    const chunks = this.#chunks;
    const at = chunks.next(bytes, start, end);
    if (chunks.dataEnd > chunks.dataStart) this.#sink.onBody(bytes, chunks.dataStart, chunks.dataEnd);
    if (chunks.fault !== undefined) return this.#fail(chunks.fault, at);
    if (chunks.isComplete && this.#state === BY_CHUNKS) this.#state = COMPLETE;
    return at;
  }

  #takeHead(): void {
    const head = parseResponseHead(this.#scanner.text);
    this.#scanner.reset();
    if (typeof head === "string") {
      this.#fail(head, 0);
      return;
    }
    const { status } = head;
    if (status < 200) {
      this.#takeInformational(head);
      return;
    }
    this.keepsAlive = keepsAlive(head);
    this.idleTimeoutMs = head.idleTimeoutMs;
    if (this.#asked === "connect" && status < 300) {
      this.switched = head;
      this.#state = STOPPED;
      return;
    }
    const hasNoBody = this.#asked === "head" || status === 204 || status === 304;
    let next = BY_CLOSE;
    if (hasNoBody || head.contentLength === 0) next = COMPLETE;
    else if (head.isChunked) next = BY_CHUNKS;
    else if (head.contentLength > 0) next = BY_LENGTH;
    else this.keepsAlive = false;
    this.#left = head.contentLength;
    this.#chunks.reset();
    this.#state = next;
    this.#sink.onHead(head);
  }

  #takeInformational(head: ResponseHead): void {
    if (head.status === 101) {
      if (this.#asked !== "upgrade") {
        this.#fail("FB_UPSTREAM_SWITCHED_PROTOCOLS", 0);
        return;
      }
      this.switched = head;
      this.#state = STOPPED;
      return;
    }
    this.#informational += 1;
    if (this.#informational > MAX_INFORMATIONAL) this.#fail("FB_UPSTREAM_TOO_MANY_HEADS", 0);
    else if (head.status !== 100) this.#sink.onInformation(head);
  }
}
