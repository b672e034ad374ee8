// Lines over two axes, as SVG that needs nothing else.
import { escapeHtml } from "./escape-html.ts";
import type { PlotAxis } from "./plot-axis.ts";
import { lineOf, markAt, round } from "./series-mark.ts";

/** One line. */
export interface PlotLine {
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** What to draw. */
export interface LinePlot {
  /** Read out instead of the picture. */
  readonly label: string;
  readonly lines: readonly PlotLine[];
  readonly x: PlotAxis;
  readonly y: PlotAxis;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly xText: (value: number) => string;
  readonly yText: (value: number) => string;
  /** A shape at every point; for lines of few points. */
  readonly hasMarks: boolean;
  /** A vertical line with a word, such as the objective. */
  readonly bound?: { readonly x: number; readonly text: string };
  /** A line from 0, 0 to so much on both axes: where y is x. */
  readonly diagonalTo?: number;
}

const WIDTH = 760;
const HEIGHT = 320;
const MARGIN = { left: 62, right: 36, top: 18, bottom: 46 };
const INNER = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };

/** Draws it. */
export function linePlot(plot: LinePlot): string {
  const { x, y, lines, hasMarks, bound, diagonalTo } = plot;
  const xAt = (value: number): number => MARGIN.left + x.place(value) * INNER.width;
  const yAt = (value: number): number => MARGIN.top + (1 - y.place(value)) * INNER.height;
  const drawn = lines.map(({ points }, series) => {
    const path = points
      .map(([px, py], index) => `${index === 0 ? "M" : "L"}${round(xAt(px))} ${round(yAt(py))}`)
      .join("");
    const marks = hasMarks ? points.map(([px, py]) => markAt(series, xAt(px), yAt(py))).join("") : "";
    return `<path d="${path}" ${lineOf(series)}/>${marks}`;
  });
  const boundLine =
    bound === undefined
      ? ""
      : `<line class="bound" x1="${round(xAt(bound.x))}" x2="${round(xAt(bound.x))}" y1="${MARGIN.top}" y2="${MARGIN.top + INNER.height}"/>` +
        `<text x="${round(xAt(bound.x) + (x.place(bound.x) > 0.7 ? -5 : 5))}" y="${MARGIN.top + INNER.height - 8}"${x.place(bound.x) > 0.7 ? ' text-anchor="end"' : ""}>${escapeHtml(bound.text)}</text>`;
  const diagonal =
    diagonalTo === undefined
      ? ""
      : `<line class="bound" x1="${round(xAt(0))}" y1="${round(yAt(0))}" x2="${round(xAt(diagonalTo))}" y2="${round(yAt(diagonalTo))}"/>`;
  return [
    `<svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(plot.label)}">`,
    ...x.ticks.map((tick) => verticalTick(xAt(tick), plot.xText(tick))),
    ...y.ticks.map((tick) => horizontalTick(yAt(tick), plot.yText(tick))),
    `<text class="axis" x="${MARGIN.left + INNER.width / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escapeHtml(plot.xTitle)}</text>`,
    `<text class="axis" transform="translate(13 ${MARGIN.top + INNER.height / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(plot.yTitle)}</text>`,
    boundLine,
    diagonal,
    ...drawn,
    "</svg>",
  ].join("");
}

function verticalTick(x: number, text: string): string {
  const bottom = MARGIN.top + INNER.height;
  return (
    `<line class="grid" x1="${round(x)}" x2="${round(x)}" y1="${MARGIN.top}" y2="${bottom}"/>` +
    `<text x="${round(x)}" y="${bottom + 16}" text-anchor="middle">${escapeHtml(text)}</text>`
  );
}

function horizontalTick(y: number, text: string): string {
  return (
    `<line class="grid" x1="${MARGIN.left}" x2="${MARGIN.left + INNER.width}" y1="${round(y)}" y2="${round(y)}"/>` +
    `<text x="${MARGIN.left - 7}" y="${round(y + 4)}" text-anchor="end">${escapeHtml(text)}</text>`
  );
}
