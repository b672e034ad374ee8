// The words that the simulated engine says. They mean nothing; they depend only on the prompt, so that the same request
// gives the same answer from every instance, and each is one token.

const words = [
  "measure", "compare", "correct", "observe", "balance", "steady", "signal", "engine",
  "valve", "speed", "load", "queue", "step", "token", "answer", "model",
  "route", "place", "share", "limit", "window", "target", "change", "repeat",
]; // prettier-ignore

/** The word at `index` of the answer to a prompt with this hash, with the space before it where one belongs. */
export function simulatedWord(hash: number, index: number): string {
  const mixed = Math.imul(hash ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b) >>> 0;
  const word = words[mixed % words.length] ?? "step";
  return index === 0 ? word : ` ${word}`;
}

/** How many tokens the answer to a prompt with this hash has when nobody says: 32 to 255. */
export function simulatedLength(hash: number): number {
  return 32 + (hash % 224);
}
