// Errors of the Responses API: the body is OpenAI's error object; in a stream they are an event of their own, numbered like all others.
import type { DialectError } from "../dialect.ts";
import { writeSseFrame } from "../sse-frame.ts";
import { lastSequence } from "./last-place.ts";

/** The error event with its number. */
export function responsesErrorEvent({ code, message, param }: DialectError, sequence: number): string {
  return writeSseFrame({ type: "error", code, message, param: param ?? null, sequence_number: sequence }, "error");
}

/** The error event of a stream whose events were passed on: it goes on from the number in the last of them. */
export function writeResponsesStreamError(error: DialectError, lastFrames?: Buffer): string {
  return responsesErrorEvent(error, lastSequence(lastFrames) + 1);
}
