// "Did you mean …?": the known name nearest to what was written.

/**
 * The name of `known` nearest to `seen`: Damerau-Levenshtein distance (optimal string alignment) of at most 2 (1 for names of three
 * characters or fewer), else the shortest name that begins with `seen` or that `seen` begins with. Undefined when none is near.
 */
export function nearestName(seen: string, known: Iterable<string>): string | undefined {
  const word = seen.toLowerCase().slice(0, 64);
  const bound = word.length <= 3 ? 1 : 2;
  let best: { readonly name: string; readonly distance: number } | undefined;
  let longer: string | undefined;
  for (const name of known) {
    if (name === seen) continue;
    const other = name.toLowerCase();
    const distance = editDistance(word, other, bound);
    if (distance <= bound && (best === undefined || distance < best.distance)) best = { name, distance };
    const sharesBeginning = word.length >= 2 && other.length >= 2 && (other.startsWith(word) || word.startsWith(other));
    if (sharesBeginning && (longer === undefined || name.length < longer.length)) longer = name;
  }
  return best?.name ?? longer;
}

/** Distance with transpositions; anything above the bound is reported as bound + 1. */
function editDistance(a: string, b: string, bound: number): number {
  if (Math.abs(a.length - b.length) > bound) return bound + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((last[j] as number) + 1, (row[j - 1] as number) + 1, (last[j - 1] as number) + cost);
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwapped) least = Math.min(least, (beforeLast[j - 2] as number) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
}
