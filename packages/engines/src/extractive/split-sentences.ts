// Where sentences end, in English and Chinese. Intl.Segmenter's sentences break after "e.g." and the like, so the rule is our
// own: a full stop ends a sentence only before a capital or at the end, the Chinese signs and ! and ? always do.

const endSigns = /[.!?。！？]+["”’」』)）]*/gu;
const beforeSentence = /^(?:\s+["“(]?\p{Lu}|\s*$)/u;
/** As much of what follows a full stop as is looked at. */
const lookAhead = 64;

/** Splits a text into sentences without the space around them. */
export function splitSentences(text: string): string[] {
  const sentences: string[] = [];
  let start = 0;
  for (const match of text.matchAll(endSigns)) {
    const end = match.index + match[0].length;
    if (match[0].startsWith(".") && !beforeSentence.test(text.slice(end, end + lookAhead))) continue;
    sentences.push(text.slice(start, end));
    start = end;
  }
  sentences.push(text.slice(start));
  return sentences.map((sentence) => sentence.trim()).filter((sentence) => sentence !== "");
}

/** Puts sentences together: a space after a western sign, none after a Chinese one. */
export function joinSentences(sentences: readonly string[]): string {
  return sentences.reduce(
    (text, sentence) => (/[。！？」』）]$/u.test(text) || text === "" ? text : `${text} `) + sentence,
    "",
  );
}
