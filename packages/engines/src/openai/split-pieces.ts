// A finished text is streamed word by word: each piece is a word with the space and punctuation that follow it,
// so that the pieces joined are the text and no piece is empty.

import { countTokens } from "./count-tokens.ts";
import type { GeneratedPiece } from "./engine.ts";

const wordSegmenter = new Intl.Segmenter("und", { granularity: "word" });

/** Splits a text into streamable pieces. Their texts joined give the text; their tokens summed give `countTokens(text)`. */
export function splitPieces(text: string): GeneratedPiece[] {
  const pieces: GeneratedPiece[] = [];
  let pending = "";
  let pendingHasWord = false;
  const flush = (): void => {
    if (pending !== "") pieces.push({ text: pending, tokens: countTokens(pending) });
    pending = "";
    pendingHasWord = false;
  };
  for (const { segment, isWordLike } of wordSegmenter.segment(text)) {
    if (isWordLike && pendingHasWord) flush();
    pending += segment;
    pendingHasWord ||= isWordLike === true;
  }
  flush();
  return pieces;
}
