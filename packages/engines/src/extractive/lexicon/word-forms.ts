// The regular forms of English words, so that a word list names each word once. A form that no one writes does no harm.

/** use → uses, used, using; carry → carries, carried; stop → stopped, stopping. */
export function regularForms(word: string): string[] {
  const stem = word.replace(/e$/, "");
  const isDoubling = /[aeiou][bdgmnprt]$/.test(word);
  const doubled = isDoubling ? [`${word}${word.at(-1)}ed`, `${word}${word.at(-1)}ing`] : [];
  const changed = /[^aeiou]y$/.test(word) ? [word.replace(/y$/, "ies"), word.replace(/y$/, "ied")] : [];
  const whole = /[eoy]e$/.test(word) ? [`${word}ing`] : [];
  return [word, `${word}s`, `${word}es`, `${stem}ed`, `${stem}ing`, ...whole, ...doubled, ...changed];
}

/** fast → faster, fastest, fastly; heavy → heavier, heaviest, heavily. */
export function comparedForms(word: string): string[] {
  const stem = word.replace(/e$/, "").replace(/y$/, "i");
  return [word, `${stem}er`, `${stem}est`, `${word.replace(/y$/, "i").replace(/le$/, "")}ly`];
}
