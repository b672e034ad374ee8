// One row for each name and a shape for each case in it, or a bar: what clients met, what a replica-hour gives.
import { displayWidth } from "../output/display-width.ts";
import { escapeHtml } from "./escape-html.ts";
import type { PlotAxis } from "./plot-axis.ts";
import { markAt, round } from "./series-mark.ts";

/** One row. */
export interface PlotRow {
  readonly name: string;
  /** By series; undefined: nothing is known. */
  readonly values: readonly (number | undefined)[];
}

/** What to draw. */
export interface RowPlot {
  readonly label: string;
  readonly rows: readonly PlotRow[];
  readonly x: PlotAxis;
  readonly xTitle: string;
  /** What the rows are. */
  readonly yTitle: string;
  readonly xText: (value: number) => string;
  /** A bar from the beginning of the axis, for rows of one value each; its colour is the row's. */
  readonly isBar: boolean;
}

const WIDTH = 760;
const ROW_HEIGHT = 22;
const MARGIN = { left: 210, right: 78, top: 28, bottom: 44 };
const INNER_WIDTH = WIDTH - MARGIN.left - MARGIN.right;
/** Columns of a terminal's width; longer names are cut, the table has them whole. */
const NAME_WIDTH = 30;

/** Draws it. */
export function rowPlot(plot: RowPlot): string {
  const { rows, x, isBar } = plot;
  const bottom = MARGIN.top + rows.length * ROW_HEIGHT;
  const xAt = (value: number): number => MARGIN.left + x.place(value) * INNER_WIDTH;
  const grid = x.ticks.map(
    (tick) =>
      `<line class="grid" x1="${round(xAt(tick))}" x2="${round(xAt(tick))}" y1="${MARGIN.top}" y2="${bottom}"/>` +
      `<text x="${round(xAt(tick))}" y="${bottom + 16}" text-anchor="middle">${escapeHtml(plot.xText(tick))}</text>`,
  );
  const drawn = rows.map(({ name, values }, index) => {
    const y = MARGIN.top + (index + 0.5) * ROW_HEIGHT;
    const shapes = values.map((value, series) => {
      if (value === undefined || !Number.isFinite(value)) return "";
      return isBar ? barOf(index, y, xAt(value), plot.xText(value)) : markAt(series, xAt(value), y);
    });
    return (
      `<text x="${MARGIN.left - 8}" y="${y + 4}" text-anchor="end">${escapeHtml(shorten(name))}</text>` +
      `<line class="grid" x1="${MARGIN.left}" x2="${MARGIN.left + INNER_WIDTH}" y1="${y}" y2="${y}"/>${shapes.join("")}`
    );
  });
  return [
    `<svg class="plot" viewBox="0 0 ${WIDTH} ${bottom + MARGIN.bottom}" role="img" aria-label="${escapeHtml(plot.label)}">`,
    ...grid,
    ...drawn,
    `<text class="axis" x="${MARGIN.left - 8}" y="${MARGIN.top - 12}" text-anchor="end">${escapeHtml(plot.yTitle)}</text>`,
    `<text class="axis" x="${MARGIN.left + INNER_WIDTH / 2}" y="${bottom + 36}" text-anchor="middle">${escapeHtml(plot.xTitle)}</text>`,
    "</svg>",
  ].join("");
}

function barOf(series: number, y: number, end: number, text: string): string {
  return (
    `<rect x="${MARGIN.left}" y="${y - 7}" width="${round(Math.max(1, end - MARGIN.left))}" height="14" fill="var(--series-${series % 8})"/>` +
    `<text x="${round(end + 6)}" y="${y + 4}">${escapeHtml(text)}</text>`
  );
}

function shorten(name: string): string {
  if (displayWidth(name) <= NAME_WIDTH) return name;
  let shown = "";
  for (const character of name) {
    if (displayWidth(shown + character) >= NAME_WIDTH) break;
    shown += character;
  }
  return `${shown}…`;
}
