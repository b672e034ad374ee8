// Usage of engines without a tokenizer. It is our own counting and says so in the README: a word is a token, a Han
// character is a token, punctuation and space are none. It is near enough for budgets and steady across versions.

const wordSegmenter = new Intl.Segmenter("und", { granularity: "word" });
const hanCharacter = /\p{Script=Han}/gu;

/** Number of tokens of a text: words by `Intl.Segmenter`, single characters for Han. */
export function countTokens(text: string): number {
  let tokens = 0;
  for (const segment of wordSegmenter.segment(text)) {
    if (segment.isWordLike) tokens += segment.segment.match(hanCharacter)?.length ?? 1;
  }
  return tokens;
}
