// Chinese has no spaces, so texts are compared by pairs of neighbouring characters.

/** Neighbouring pairs of a run of Han characters; none for a single one. */
export function hanPairs(run: string): string[] {
  const characters = [...run];
  return characters.slice(1).map((character, index) => `${characters[index]}${character}`);
}
