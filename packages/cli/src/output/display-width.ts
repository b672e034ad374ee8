// How many columns a text takes on a terminal, so that tables line up with Chinese in them.
import { stripVTControlCharacters } from "node:util";

/** East Asian Wide and Fullwidth blocks and emoji of Unicode 16, coarse: first and last code point of each run. */
const WIDE_RANGES: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe4f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
];

/** Columns of a text; colour codes and combining marks take none. */
export function displayWidth(text: string): number {
  let columns = 0;
  for (const character of stripVTControlCharacters(text)) {
    const point = character.codePointAt(0) ?? 0;
    if (point < 0x20 || /\p{Mark}/u.test(character)) continue;
    columns += WIDE_RANGES.some(([first, last]) => point >= first && point <= last) ? 2 : 1;
  }
  return columns;
}

/** The text with spaces behind it up to `columns`. */
export function padToWidth(text: string, columns: number): string {
  return text + " ".repeat(Math.max(0, columns - displayWidth(text)));
}
