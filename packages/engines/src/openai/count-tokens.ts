// Usage of engines without a tokenizer. It is our own counting and says so in the README: a word is a token, a Han
// character is a token, punctuation and space are none. It is near enough for budgets and steady across versions.

const wordSegmenter = new Intl.Segmenter("und", { granularity: "word" });
const hanCharacter = /\p{Script=Han}/gu;

/** Number of tokens of a text: words by `Intl.Segmenter`, single characters for Han. */
export function countTokens(text: string): number {
  let count = 0;
  visitTokens(text, (_segment, tokens) => (count += tokens));
  return count;
}

/** Gives the text piece by piece, each with the number of its tokens; the pieces joined are the text. */
export function visitTokens(text: string, visit: (segment: string, tokens: number) => void): void {
  for (const { segment, isWordLike } of wordSegmenter.segment(text)) {
    visit(segment, isWordLike === true ? (segment.match(hanCharacter)?.length ?? 1) : 0);
  }
}
