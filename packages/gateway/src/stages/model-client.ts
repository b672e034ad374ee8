// The client's side of a model call: what of the answer it has seen, the hold limit with its keep-alive comments, and how an error
// reaches it before and after its status line went out.
import { FlyballError, type CancelTimer, type ErrorCode, type ErrorDetails } from "@flyball/core";
import { openAiError } from "../errors/answer-error.ts";
import type { ResponseHead } from "../upstream/upstream.ts";
import type { Exchange } from "./exchange.ts";
import { answerError } from "./finish.ts";
import type { HeldResponse } from "./model-response.ts";
import { breakOff, writePiece, writeResponseHead, type Flow } from "./stream.ts";

/** A streamed call that has no content after this long is answered 200 with comments, so that nothing between gives it up. */
export const HOLD_LIMIT_MS = 10_000;

const KEEP_ALIVE = ": keep-alive\n\n";

/** The client of one model call. */
export interface ModelClient {
  /** The commit point: the first content goes out. */
  commit(head: ResponseHead, bytes: Buffer, flow: Flow): void;
  pass(bytes: Buffer, flow: Flow): void;
  end(bytes: Buffer): void;
  /** A whole response, good or bad, that nothing of was sent before. */
  whole(response: HeldResponse): void;
  /** An error of our own; in-band when the status line is out. */
  error(code: ErrorCode, details: ErrorDetails): void;
  /** The answer broke off after content. */
  cut(code: ErrorCode, details: ErrorDetails): void;
  /** Ends the timer. */
  close(): void;
}

/** Creates it; with `isStream` the hold limit runs from the request's start. */
export function createModelClient(exchange: Exchange, isStream: boolean): ModelClient {
  const { response, context } = exchange;
  let isEvents = false;
  let cancelTimer: CancelTimer | undefined;
  const hold = (): void => {
    if (exchange.isClientGone) return;
    if (!response.headersSent) {
      isEvents = true;
      if (context.isDraining) response.shouldKeepAlive = false;
      response.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        "x-request-id": exchange.id,
      });
    }
    response.write(KEEP_ALIVE);
    cancelTimer = context.clock.after(HOLD_LIMIT_MS, hold);
  };
  if (isStream) cancelTimer = context.clock.after(HOLD_LIMIT_MS, hold);
  const close = (): void => cancelTimer?.();
  const inBand = (error: FlyballError): void => {
    exchange.wasBrokenOff = true;
    response.end(`data: ${JSON.stringify({ error: openAiError(error) })}\n\n`);
  };
  return {
    commit(head, bytes, flow) {
      close();
      if (!response.headersSent) {
        isEvents = (head.headers.length > 0 && isEventStream(head)) || isEvents;
        writeResponseHead(exchange, head);
      }
      writePiece(response, bytes, flow);
    },
    pass: (bytes, flow) => writePiece(response, bytes, flow),
    end(bytes) {
      close();
      response.end(bytes);
    },
    whole({ head, body }) {
      close();
      if (!response.headersSent) {
        writeResponseHead(exchange, head);
        response.end(body);
      } else {
        inBand(new FlyballError("FB_GATEWAY_STREAM_CUT", lateAnswer(head.status)));
      }
    },
    error(code, details) {
      close();
      if (response.headersSent && isEvents) inBand(new FlyballError(code, details));
      else answerError(exchange, code, details);
    },
    cut(code, details) {
      close();
      if (isEvents) inBand(new FlyballError(code, details));
      else breakOff(exchange);
    },
    close,
  };
}

function lateAnswer(status: number): ErrorDetails {
  return { model: "the model", reason: `the backend answered with status ${status} and no stream` };
}

function isEventStream(head: ResponseHead): boolean {
  for (let index = 0; index < head.headers.length; index += 2) {
    if ((head.headers[index] as Buffer).toString("latin1").toLowerCase() !== "content-type") continue;
    return (head.headers[index + 1] as Buffer).toString("latin1").startsWith("text/event-stream");
  }
  return false;
}
