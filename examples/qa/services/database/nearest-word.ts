// A misspelt word finds nothing: "hyperparamter". A query's word that no passage holds is searched for as the word of the
// knowledge base that is one slip of the pen away.

/** In a shorter word one letter makes another word too easily: cache, cash. */
const shortestWord = 6;

/** The words one slip away from a word: one letter too many, too few or another one, or two changed about. */
export function nearestWords(word: string, vocabulary: readonly string[]): string[] {
  if (word.length < shortestWord - 1 || !/^[a-z]+$/.test(word)) return [];
  return vocabulary.filter((known) => isOneSlipApart(word, known));
}

function isOneSlipApart(left: string, right: string): boolean {
  if (Math.abs(left.length - right.length) > 1 || left[0] !== right[0]) return false;
  const [short, long] = left.length <= right.length ? [left, right] : [right, left];
  if (long.length < shortestWord) return false;
  let at = 0;
  while (at < short.length && short[at] === long[at]) at += 1;
  if (short.length < long.length) return short.slice(at) === long.slice(at + 1);
  const isSwapped = short[at] === long[at + 1] && short[at + 1] === long[at];
  return short.slice(at + 1) === long.slice(at + 1) || (isSwapped && short.slice(at + 2) === long.slice(at + 2));
}
