// How lines and points of one case look. Colour is never alone: every series has its own dashes and its own shape too.

/** So many series can be told apart in one plot; further ones stand in the table only. */
export const MAX_SERIES = 8;

const DASHES = ["", "7 4", "2 3", "10 3 2 3", "4 2", "12 4", "1 4", "8 2 2 2 2 2"];

/** Attributes of a line. */
export function lineOf(series: number): string {
  const dash = DASHES[series % DASHES.length] ?? "";
  return `fill="none" stroke="var(--series-${series % MAX_SERIES})" stroke-width="2"${dash === "" ? "" : ` stroke-dasharray="${dash}"`}`;
}

/** Corners around a point: square, triangle, diamond, triangle on its head. The circle has none. */
const CORNERS: readonly (readonly (readonly [dx: number, dy: number])[])[] = [
  [],
  [
    [-3.5, -3.5],
    [3.5, -3.5],
    [3.5, 3.5],
    [-3.5, 3.5],
  ],
  [
    [0, -5],
    [4.5, 3.5],
    [-4.5, 3.5],
  ],
  [
    [0, -5],
    [5, 0],
    [0, 5],
    [-5, 0],
  ],
  [
    [0, 5],
    [4.5, -3.5],
    [-4.5, -3.5],
  ],
  [],
  [
    [-3.5, -3.5],
    [3.5, -3.5],
    [3.5, 3.5],
    [-3.5, 3.5],
  ],
  [
    [0, -5],
    [5, 0],
    [0, 5],
    [-5, 0],
  ],
];
/** From here on shapes are hollow. */
const HOLLOW_FROM = 5;

/** A small shape around a point; each of the eight is another. */
export function markAt(series: number, x: number, y: number): string {
  const place = series % MAX_SERIES;
  const colour = `var(--series-${place})`;
  const look = place < HOLLOW_FROM ? `fill="${colour}"` : `fill="var(--card)" stroke="${colour}" stroke-width="2"`;
  const corners = CORNERS[place] ?? [];
  if (corners.length === 0) return `<circle cx="${round(x)}" cy="${round(y)}" r="4" ${look}/>`;
  const points = corners.map(([dx, dy]) => `${round(x + dx)},${round(y + dy)}`).join(" ");
  return `<polygon points="${points}" ${look}/>`;
}

/** Its sample in the legend. */
export function sampleOf(series: number): string {
  return `<svg width="34" height="14" aria-hidden="true"><line x1="1" y1="7" x2="33" y2="7" ${lineOf(series)}/>${markAt(series, 17, 7)}</svg>`;
}

/** Two digits after the point are a twentieth of what a screen shows. */
export function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
