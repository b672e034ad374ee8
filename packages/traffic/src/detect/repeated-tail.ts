// Whether a text ends in the same piece over and over. Only its last 4,096 characters are kept, and one pass over them finds the piece: the
// Z-function of the text read backwards says for each distance how far the end agrees with what stands that much before it (D. Gusfield,
// Algorithms on Strings, Trees and Sequences, 1997, ch. 1.4).

/** Characters that are kept. */
const TAIL_LENGTH = 4_096;
const FIRST_LENGTH = 256;
/** What repeats has at least this length in all, and this many turns. */
const LEAST_LENGTH = 1_200;
const LEAST_TURNS = 5;
/** Rulers, empty tables and rows of numbers repeat in good answers. */
const FILLING = /^[-=_.*#~+:|,;/\\<>()[\]{}"'`\s\d]*$/u;

/** The end of a text: a ring of characters that grows to its bound. */
export interface TextTail {
  units: Uint16Array;
  /** Characters so far. */
  length: number;
}

/** An empty text. */
export function createTextTail(): TextTail {
  return { units: new Uint16Array(FIRST_LENGTH), length: 0 };
}

/** Adds what came. Time in proportion to the piece, at most 8 kB of memory. */
export function addToTail(tail: TextTail, piece: string): void {
  const skipped = Math.max(0, piece.length - TAIL_LENGTH);
  tail.length += skipped;
  for (let at = skipped; at < piece.length; at += 1) {
    while (tail.length >= tail.units.length && tail.units.length < TAIL_LENGTH) grow(tail);
    tail.units[tail.length % tail.units.length] = piece.charCodeAt(at);
    tail.length += 1;
  }
}

/** The piece that the text repeats until its end; undefined when it does not. */
export function repeatedPiece(tail: TextTail): string | undefined {
  const backwards = readBackwards(tail);
  const count = backwards.length;
  if (count < LEAST_LENGTH) return undefined;
  const agrees = new Uint16Array(count);
  let left = 0;
  let right = 0;
  for (let at = 1; at < count; at += 1) {
    let length = at < right ? Math.min(right - at, agrees[at - left]!) : 0;
    while (at + length < count && backwards[length] === backwards[at + length]) length += 1;
    agrees[at] = length;
    if (at + length > right) {
      left = at;
      right = at + length;
    }
    if (at + length >= LEAST_LENGTH && (at + length) / at >= LEAST_TURNS) {
      const piece = String.fromCharCode(...backwards.subarray(0, at).toReversed());
      return FILLING.test(piece) ? undefined : piece;
    }
  }
  return undefined;
}

function grow(tail: TextTail): void {
  const units = new Uint16Array(Math.min(TAIL_LENGTH, tail.units.length * 4));
  units.set(tail.units);
  tail.units = units;
}

function readBackwards({ units, length }: TextTail): Uint16Array {
  const backwards = new Uint16Array(Math.min(length, units.length));
  for (let at = 0; at < backwards.length; at += 1) backwards[at] = units[(length - 1 - at) % units.length]!;
  return backwards;
}
