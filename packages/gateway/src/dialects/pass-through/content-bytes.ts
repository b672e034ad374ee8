// How many bytes of an answer a model wrote: its text, reasoning and arguments, without the frames and names around them. That is what tokens
// are counted of, and it is the same whether an answer is streamed in hundreds of frames or comes whole.
import { cursorAt, JsonFault, skipValue } from "../json-cursor.ts";

/** Counts them in JSON, or in frames of it. Escapes count as they are written. */
export type ContentCounter = (bytes: Buffer) => number;

const QUOTE = '"';
const BACKSLASH = 0x5c;

/**
 * Counts the strings that stand under `texts`, and the objects under `values`. A quote inside a JSON string is escaped, so what is found is
 * a key; where servers write one text under two names it counts twice, which errs on the safe side.
 */
export function createContentCounter(texts: readonly string[], values: readonly string[] = []): ContentCounter {
  const objects = values.length === 0 ? "" : `|"(?:${values.join("|")})"\\s*:\\s*(?=\\{)`;
  const keys = new RegExp(`"(?:${texts.join("|")})"\\s*:\\s*"${objects}`, "g");
  return (bytes) => {
    const json = bytes.toString("latin1");
    let sum = 0;
    keys.lastIndex = 0;
    while (keys.test(json)) {
      const start = keys.lastIndex;
      const end = json[start - 1] === QUOTE ? stringEnd(json, start) : valueEnd(bytes, start);
      sum += end - start;
      keys.lastIndex = end;
    }
    return sum;
  };
}

/** The closing quote: the first with an even number of backslashes before it. */
function stringEnd(json: string, start: number): number {
  for (let at = json.indexOf(QUOTE, start); at >= 0; at = json.indexOf(QUOTE, at + 1)) {
    let before = at - 1;
    while (json.charCodeAt(before) === BACKSLASH) before -= 1;
    if ((at - before) % 2 === 1) return at;
  }
  return json.length;
}

function valueEnd(bytes: Buffer, start: number): number {
  const cursor = cursorAt(bytes, start);
  try {
    skipValue(cursor);
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
  }
  return cursor.at;
}
