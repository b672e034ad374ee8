// Ends a generation at its token limit or before a stop text, whatever the engine yields, so that no engine has to.
// A stop text may be spread over pieces; text that could be its beginning is held back until the next piece decides.

import type { GeneratedPiece, GenerationRequest } from "./engine.ts";

/** Why a generation ended by itself. */
export type FinishReason = "stop" | "length";

/** A piece to send on, or the end. */
export type LimitedPiece =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "end"; readonly finishReason: FinishReason; readonly tokens: number };

/**
 * Passes pieces on until one of the limits of the request is reached; the last item is always `end`.
 * A generation that reaches its token limit ends with `length`, even if it had nothing more to say, as in vLLM.
 * Its tokens are those generated, so a stop text that was cut away still counts in the piece that held it.
 */
export async function* limitGeneration(
  pieces: AsyncIterable<GeneratedPiece>,
  request: Pick<GenerationRequest, "maxTokens" | "stop">,
): AsyncGenerator<LimitedPiece, void, void> {
  const maxTokens = request.maxTokens ?? Number.POSITIVE_INFINITY;
  let tokens = 0;
  let held = "";
  for await (const piece of pieces) {
    if (tokens + piece.tokens > maxTokens) {
      if (held !== "") yield { kind: "text", text: held };
      yield { kind: "end", finishReason: "length", tokens };
      return;
    }
    tokens += piece.tokens;
    const text = held + piece.text;
    const stopAt = firstStop(text, request.stop);
    if (stopAt >= 0) {
      if (stopAt > 0) yield { kind: "text", text: text.slice(0, stopAt) };
      yield { kind: "end", finishReason: "stop", tokens };
      return;
    }
    const heldLength = longestStopBeginning(text, request.stop);
    held = text.slice(text.length - heldLength);
    const isFull = tokens >= maxTokens;
    const sendLength = isFull ? text.length : text.length - heldLength;
    if (sendLength > 0) yield { kind: "text", text: text.slice(0, sendLength) };
    if (isFull) {
      yield { kind: "end", finishReason: "length", tokens };
      return;
    }
  }
  if (held !== "") yield { kind: "text", text: held };
  yield { kind: "end", finishReason: "stop", tokens };
}

function firstStop(text: string, stops: readonly string[]): number {
  let first = -1;
  for (const stop of stops) {
    const at = text.indexOf(stop);
    if (at >= 0 && (first < 0 || at < first)) first = at;
  }
  return first;
}

/** Length of the longest end of `text` that is a true beginning of a stop text. */
function longestStopBeginning(text: string, stops: readonly string[]): number {
  let longest = 0;
  for (const stop of stops) {
    for (let length = Math.min(stop.length - 1, text.length); length > longest; length--) {
      if (text.endsWith(stop.slice(0, length))) longest = length;
    }
  }
  return longest;
}
