// The client's side of a model call: what of the answer it has seen, the hold limit with its keep-alive comments, and how an error
// reaches it before and after its status line went out.
import { FlyballError, type CancelTimer, type ErrorCode, type ErrorDetails } from "@flyball/core";
import { openAiError } from "../errors/answer-error.ts";
import type { Exchange } from "./exchange.ts";
import { answerError } from "./finish.ts";
import type { HeldResponse, ModelStep } from "./model-response.ts";
import { breakOff, writePiece, writeResponseHead, type Flow } from "./stream.ts";

/** A streamed call that has no content after this long is answered 200 with comments, so that nothing between gives it up. */
export const HOLD_LIMIT_MS = 10_000;

const KEEP_ALIVE = ": keep-alive\n\n";

/** The client of one model call. */
export interface ModelClient {
  /** The commit point: the first content goes out. */
  commit(step: Extract<ModelStep, { kind: "commit" }>, flow: Flow): void;
  pass(bytes: Buffer, flow: Flow): void;
  end(bytes: Buffer): void;
  /** A whole response, good or bad, of which nothing was sent before. */
  whole(response: HeldResponse): void;
  /** An error of our own; in-band when the status line is out. */
  error(code: ErrorCode, details: ErrorDetails): void;
  /** The answer broke off after content. */
  cut(reason: string): void;
}

/** Creates it; with `isStream` the hold limit runs from now, which is when the body was read. */
export function createModelClient(exchange: Exchange, model: string, isStream: boolean): ModelClient {
  const { response, context } = exchange;
  /** What the client reads are events, so an error can be one too. */
  let isEvents = false;
  let cancelTimer: CancelTimer | undefined;
  const hold = (): void => {
    if (!response.headersSent) {
      isEvents = true;
      writeEventsHead(exchange);
    }
    response.write(KEEP_ALIVE);
    cancelTimer = context.clock.after(HOLD_LIMIT_MS, hold);
  };
  const stopHolding = (): void => cancelTimer?.();
  if (isStream) {
    cancelTimer = context.clock.after(HOLD_LIMIT_MS, hold);
    response.once("close", stopHolding);
  }
  const inBand = (error: FlyballError): void => {
    exchange.wasBrokenOff = true;
    response.end(`data: ${JSON.stringify({ error: openAiError(error) })}\n\n`);
  };
  return {
    commit(step, flow) {
      stopHolding();
      if (!response.headersSent) writeResponseHead(exchange, step.head);
      isEvents = step.isEvents;
      writePiece(response, step.bytes, flow);
    },
    pass: (bytes, flow) => writePiece(response, bytes, flow),
    end: (bytes) => void response.end(bytes),
    whole({ head, body }) {
      stopHolding();
      if (!response.headersSent) {
        writeResponseHead(exchange, head);
        response.end(body);
        return;
      }
      const reason = `the backend answered with status ${head.status} and no stream`;
      inBand(new FlyballError("FB_GATEWAY_BACKENDS_FAILED", { model, reason }));
    },
    error(code, details) {
      stopHolding();
      if (response.headersSent) inBand(new FlyballError(code, details));
      else answerError(exchange, code, details);
    },
    cut(reason) {
      if (isEvents) inBand(new FlyballError("FB_GATEWAY_STREAM_CUT", { model, reason }));
      else breakOff(exchange);
    },
  };
}

function writeEventsHead({ response, context, id }: Exchange): void {
  if (context.isDraining) response.shouldKeepAlive = false;
  response.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    "x-request-id": id,
  });
}
