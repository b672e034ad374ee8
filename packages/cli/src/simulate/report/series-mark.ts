// How lines and points of one case look. Colour is never alone: every series has its own dashes and its own shape too.

/** So many series can be told apart in one plot; further ones stand in the table only. */
export const MAX_SERIES = 8;

const DASHES = ["", "7 4", "2 3", "10 3 2 3", "4 2", "12 4", "1 4", "8 2 2 2 2 2"];

/** Attributes of a line. */
export function lineOf(series: number): string {
  const dash = DASHES[series % DASHES.length] ?? "";
  return `fill="none" stroke="var(--series-${series % MAX_SERIES})" stroke-width="2"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}`;
}

/** A small shape around a point. */
export function markAt(series: number, x: number, y: number): string {
  const colour = `fill="var(--series-${series % MAX_SERIES})"`;
  const at = (dx: number, dy: number): string => `${round(x + dx)},${round(y + dy)}`;
  switch (series % 4) {
    case 0:
      return `<circle cx="${round(x)}" cy="${round(y)}" r="4" ${colour}/>`;
    case 1:
      return `<rect x="${round(x - 3.5)}" y="${round(y - 3.5)}" width="7" height="7" ${colour}/>`;
    case 2:
      return `<polygon points="${at(0, -5)} ${at(4.5, 3.5)} ${at(-4.5, 3.5)}" ${colour}/>`;
    default:
      return `<polygon points="${at(0, -5)} ${at(5, 0)} ${at(0, 5)} ${at(-5, 0)}" ${colour}/>`;
  }
}

/** Its sample in the legend. */
export function sampleOf(series: number): string {
  return `<svg width="34" height="14" aria-hidden="true"><line x1="1" y1="7" x2="33" y2="7" ${lineOf(series)}/>${markAt(series, 17, 7)}</svg>`;
}

/** Two digits after the point are a twentieth of what a screen shows. */
export function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
