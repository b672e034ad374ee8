// The client's side of a model call: what of the answer it has seen, the hold limit with its keep-alive, and how an error reaches it in
// its own dialect before and after its status line went out.
import { FlyballError, type CancelTimer, type ErrorCode, type ErrorDetails } from "@flyball/core";
import type { Dialect, DialectError } from "../dialects/dialect.ts";
import { retryHeaders } from "../errors/answer-error.ts";
import { toldHeaders } from "../errors/told-headers.ts";
import { endEarly } from "../listen/end-early.ts";
import { breakOff, writePiece, type Flow } from "../stages/stream.ts";
import type { Exchange } from "../stages/exchange.ts";
import type { ResponseHead } from "../upstream/upstream.ts";
import { beginAnswer, noteReasons } from "../traces/answer-marks.ts";
import { answerHeaders } from "./answer-headers.ts";

/** A streamed call that has no content after this long is answered 200 with comments, so that nothing between gives it up. */
export const HOLD_LIMIT_MS = 10_000;

/** Where an answer came from, for the headers that tell it. */
export interface AnswerOrigin {
  readonly backend: string;
  readonly isTranslated: boolean;
}

/** An error for the client. */
export interface CallError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly param?: string;
  readonly retryAfterMs?: number;
  /** false: sending it again cannot help, and SDKs are told so. */
  readonly isRetryable?: boolean;
}

/** The client of one model call. */
export interface CallClient {
  /** Content went out: from now on there is no other status. */
  hasContent(): boolean;
  /** The commit point: the first content goes out. */
  commit(head: ResponseHead, bytes: Buffer, options: CommitOptions): void;
  pass(bytes: Buffer, flow: Flow): void;
  end(bytes: Buffer): void;
  /** A whole answer of which nothing was sent before. */
  whole(head: ResponseHead, bytes: Buffer, origin: AnswerOrigin): void;
  /** An error, in-band when the status line is out. Nothing follows. */
  error(error: CallError): void;
  /** A comment, for clients of the stream that read them. */
  comment(text: string): void;
}

/** What a commit needs beside its bytes. */
export interface CommitOptions {
  readonly isEvents: boolean;
  readonly origin: AnswerOrigin;
  readonly flow: Flow;
}

/** Creates it; with `isStream` the hold limit runs from now, which is when the body was read. */
export function createCallClient(exchange: Exchange, dialect: Dialect, isStream: boolean): CallClient {
  const client = new ResponseClient(exchange, dialect);
  if (isStream) client.holdOpen();
  return client;
}

class ResponseClient implements CallClient {
  readonly #exchange: Exchange;
  readonly #dialect: Dialect;
  /** What the client reads are events, so an error can be one too. */
  #isEvents = false;
  #hasContent = false;
  /** From which a dialect that numbers its events goes on with an error. */
  #lastFrames: Buffer | undefined;
  #cancelTimer: CancelTimer | undefined;

  constructor(exchange: Exchange, dialect: Dialect) {
    this.#exchange = exchange;
    this.#dialect = dialect;
  }

  /** Until there is content, the client hears something now and then. */
  holdOpen(): void {
    this.#armHold();
    this.#exchange.response.once("close", () => this.#cancelTimer?.());
  }

  hasContent(): boolean {
    return this.#hasContent;
  }

  commit(head: ResponseHead, bytes: Buffer, { isEvents, origin, flow }: CommitOptions): void {
    const exchange = this.#exchange;
    const { response } = exchange;
    this.#cancelTimer?.();
    if (response.headersSent && !isEvents) {
      exchange.running?.cancel();
      exchange.running = undefined;
      this.#noStream();
      return;
    }
    this.#hasContent = true;
    if (!response.headersSent) writeHead(exchange, head, origin, isEvents ? "events" : "whole");
    // The head went out before it was known.
    else response.write(`: answered by ${origin.backend}, attempts ${exchange.attemptsSent}\n\n`);
    this.#isEvents = isEvents;
    this.#lastFrames = bytes;
    beginAnswer(exchange.trace, bytes, isEvents);
    writePiece(response, bytes, flow);
  }

  pass(bytes: Buffer, flow: Flow): void {
    this.#lastFrames = bytes;
    noteReasons(this.#exchange.trace, bytes);
    writePiece(this.#exchange.response, bytes, flow);
  }

  end(bytes: Buffer): void {
    noteReasons(this.#exchange.trace, bytes);
    this.#exchange.response.end(bytes);
  }

  whole(head: ResponseHead, bytes: Buffer, origin: AnswerOrigin): void {
    const { response } = this.#exchange;
    this.#cancelTimer?.();
    if (response.headersSent) {
      this.#noStream();
      return;
    }
    this.#hasContent = true;
    beginAnswer(this.#exchange.trace, bytes, false);
    writeHead(this.#exchange, head, origin, "whole", bytes.length);
    response.end(bytes);
  }

  error(error: CallError): void {
    const { response, isClientGone } = this.#exchange;
    this.#cancelTimer?.();
    if (isClientGone || response.writableEnded) return;
    if (!response.headersSent) writeError(this.#exchange, this.#dialect, error);
    else if (this.#isEvents) this.#inBand(error);
    else breakOff(this.#exchange);
  }

  comment(text: string): void {
    const { response } = this.#exchange;
    if (this.#isEvents && !response.writableEnded) response.write(`: ${text}\n\n`);
  }

  #armHold(): void {
    this.#cancelTimer = this.#exchange.context.clock.after(HOLD_LIMIT_MS, () => this.#hold());
  }

  #hold(): void {
    const { response } = this.#exchange;
    if (!response.headersSent) {
      this.#isEvents = true;
      writeEventsHead(this.#exchange);
    }
    response.write(this.#dialect.keepAlive);
    this.#armHold();
  }

  #inBand(error: CallError): void {
    const exchange = this.#exchange;
    exchange.wasBrokenOff = true;
    exchange.toldError = error.code;
    exchange.response.end(this.#dialect.writeStreamError(dialectError(exchange, error), this.#lastFrames));
  }

  /** The client was promised events when the hold limit passed. */
  #noStream(): void {
    const model = this.#exchange.call?.model.name ?? "";
    this.#inBand(callError("FB_GATEWAY_BACKENDS_FAILED", { model, reason: "the backend answered without a stream" }));
  }
}

/** An error of our own table. */
export function callError(code: ErrorCode, details: ErrorDetails, more: Partial<CallError> = {}): CallError {
  const error = new FlyballError(code, details);
  return {
    status: error.definition.httpStatus,
    code,
    message: `${error.message}. ${error.hint}`,
    isRetryable: error.definition.retryable,
    ...more,
  };
}

/** Writes an error whose status line is not out. */
export function writeError(exchange: Exchange, dialect: Dialect, error: CallError): void {
  const { response, context, request, id } = exchange;
  if (exchange.isClientGone || response.headersSent) return;
  exchange.toldError = error.code;
  if (context.isDraining) response.shouldKeepAlive = false;
  const body = dialect.writeError(dialectError(exchange, error));
  const length = String(Buffer.byteLength(body));
  const headers = ["content-type", "application/json; charset=utf-8", "content-length", length, "x-request-id", id];
  // What Anthropic's clients read.
  headers.push("request-id", id, ...toldHeaders(exchange));
  const retryAfterMs = error.retryAfterMs ?? (error.status === 503 ? 1_000 : undefined);
  if (retryAfterMs !== undefined && Number.isFinite(retryAfterMs)) {
    headers.push(...retryHeaders(retryAfterMs));
  }
  if (error.isRetryable === false) headers.push("x-should-retry", "false");
  response.writeHead(dialect.clientStatus(error.status), headers);
  endEarly(request, response, body, context.clock);
}

function dialectError(exchange: Exchange, { status, code, message, param }: CallError): DialectError {
  return { status, code, message, requestId: exchange.id, ...(param === undefined ? {} : { param }) };
}

function writeHead(
  exchange: Exchange,
  head: ResponseHead,
  origin: AnswerOrigin,
  kind: "events" | "whole",
  length?: number,
): void {
  const { response, context } = exchange;
  if (context.isDraining) response.shouldKeepAlive = false;
  const headers = answerHeaders(exchange, head, origin, kind);
  if (length !== undefined) headers.push("content-length", String(length));
  response.writeHead(head.status, headers);
  if (kind === "events") {
    queueMicrotask(() => {
      if (!response.writableEnded && !response.destroyed) response.flushHeaders();
    });
  }
}

/** Who will answer is not known yet: it tells who was asked so far. */
function writeEventsHead(exchange: Exchange): void {
  const { response, context, id } = exchange;
  if (context.isDraining) response.shouldKeepAlive = false;
  const headers = ["content-type", "text/event-stream; charset=utf-8", "cache-control", "no-cache"];
  headers.push("x-request-id", id, "request-id", id, ...toldHeaders(exchange));
  response.writeHead(200, headers);
}
