// Colour for a terminal, and nothing for a file, a pipe or NO_COLOR. Colour only repeats what a glyph and a word say already.

/** Ways to mark a text. */
export interface Style {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const plain = (text: string): string => text;

/** Marks nothing. */
export const plainStyle: Style = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain };

const mark =
  (open: number, close: number) =>
  (text: string): string =>
    `\u001b[${open}m${text}\u001b[${close}m`;

/** Marks with SGR codes. */
export const colourStyle: Style = {
  bold: mark(1, 22),
  dim: mark(2, 22),
  red: mark(31, 39),
  green: mark(32, 39),
  yellow: mark(33, 39),
  cyan: mark(36, 39),
};

/** Colour only on a terminal that can and without NO_COLOR (https://no-color.org). */
export function styleFor(
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Style {
  const isRefused = Boolean(environment["NO_COLOR"]) || environment["TERM"] === "dumb";
  return stream.isTTY === true && !isRefused ? colourStyle : plainStyle;
}
