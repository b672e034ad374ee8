// Where sentences end, in English and Chinese. Intl.Segmenter's sentences break after "e.g." and the like, so the rule is our
// own: a full stop ends a sentence only before a capital or at the end, the Chinese signs and ! and ? always do.

const sentenceEnd = /[^。！？!?.]*(?:\.(?!\s+["“(]?\p{Lu}|\s*$)[^。！？!?.]*)*[。！？!?.]+["”’」』)）]*\s*/gu;

/** Splits a text into sentences whose joined text is the text. */
export function splitSentences(text: string): string[] {
  const sentences: string[] = [];
  let end = 0;
  for (const match of text.matchAll(sentenceEnd)) {
    sentences.push(match[0]);
    end = match.index + match[0].length;
  }
  if (end < text.length) sentences.push(text.slice(end));
  return sentences.filter((sentence) => sentence.trim() !== "");
}
