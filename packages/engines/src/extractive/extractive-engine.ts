// The engine that needs no model: it answers with sentences of the passages in the prompt, so it can be silent but cannot
// invent. It is the default of a fresh checkout and the fallback of an application whose model is away.

import { countTokens } from "../openai/count-tokens.ts";
import type { Engine, GeneratedPiece } from "../openai/engine.ts";
import { splitPieces } from "../openai/split-pieces.ts";
import { createAliasBook } from "./alias-book.ts";
import { aliasLines } from "./lexicon/aliases.ts";
import { answerPrompt } from "./answer-prompt.ts";
import { createPassageMemo } from "./passage-memo.ts";

/** Longest prompt, in characters of all messages; it bounds the time for which one request holds the process. */
const maxPromptCharacters = 131_072;

/** Creates the extractive engine. It holds no state but the number of answers being sent and a memo of passages. */
export function createExtractiveEngine(): Engine {
  const aliases = createAliasBook(aliasLines);
  const readPassage = createPassageMemo(aliases);
  let running = 0;
  return {
    completionFields: { answered_by: "extractive" },
    isReady: () => true,
    load: () => ({ running, waiting: 0, kvUsage: 0 }),
    generate(request, signal) {
      const characters = request.messages.reduce((sum, { text }) => sum + text.length, 0);
      if (characters > maxPromptCharacters) {
        const explanation = `The prompt of ${characters} characters exceeds the ${maxPromptCharacters} that this engine reads.`;
        return { outcome: "too-long", explanation };
      }
      const continued = request.continuedText ?? "";
      const answer = (): string => answerPrompt(request.messages, aliases, readPassage).text;
      // The same passages give the same answer, so it goes on behind a beginning of it and behind nothing else.
      const whole = continued === "" ? undefined : answer();
      if (whole !== undefined && !whole.startsWith(continued)) return otherBeginning;
      const promptTokens = request.messages.reduce((sum, { text }) => sum + countTokens(text), countTokens(continued));
      async function* pieces(): AsyncGenerator<GeneratedPiece, void, void> {
        running += 1;
        try {
          for (const piece of splitPieces((whole ?? answer()).slice(continued.length))) {
            if (signal.aborted) return;
            yield piece;
          }
        } finally {
          running -= 1;
        }
      }
      return { outcome: "admitted", promptTokens, pieces: pieces() };
    },
  };
}

const otherBeginning = {
  outcome: "unsupported",
  field: "continue_final_message",
  explanation: "The last message is not the beginning of what this engine answers.",
} as const;
