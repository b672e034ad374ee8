// Draws one run: what was served and what was not as two areas over time, the time of the fault as a shade behind them, and below, on the same
// time, a bar for each stretch that is measured. Drawn once for wide screens and once for narrow ones, so that letters keep their size.
import { escapeHtml } from "../../page/escape-html.ts";
import { linearAxis } from "../../page/plot-axis.ts";
import { lineOf, round } from "../../page/series-mark.ts";
import { figureText } from "../../render/number-text.ts";
import { BIN_SECONDS, type RunBin } from "./run-bins.ts";
import type { RunSpan } from "./run-spans.ts";

/** What is drawn. */
export interface TimelinePlot {
  readonly bins: readonly RunBin[];
  readonly spans: readonly RunSpan[];
  /** Says the same in words. */
  readonly label: string;
  readonly seconds: string;
  readonly perSecond: string;
}

/** What is drawn, by the series of the page; one that never comes is left out. */
export const SERIES = [
  { series: 0, key: "served", read: ({ served }: RunBin): number => served },
  { series: 1, key: "late", read: ({ late }: RunBin): number => late },
  { series: 7, key: "bad", read: ({ bad }: RunBin): number => bad },
] as const;

const WIDTHS = { wide: 760, narrow: 340 } as const;
const COURSE_HEIGHT = 190;
const MARGIN = { left: 44, right: 12, top: 24, bottom: 40 };
const ROW_HEIGHT = 30;
const ROW_GAP = 10;
const BAR_HEIGHT = 8;
/** Times begin at a multiple of this, so that the injection stands at a mark. */
const TIME_STEP = 10;
const COLOURS: Readonly<Record<RunSpan["key"], string>> = {
  fault: "var(--bound)",
  detect: "var(--series-3)",
  act: "var(--series-4)",
  traffic: "var(--series-7)",
  away: "var(--series-5)",
  capacity: "var(--series-0)",
};

/** Both pictures; the style sheet shows the one that fits. */
export function timelinePlot(plot: TimelinePlot): string {
  return draw(plot, "wide") + draw(plot, "narrow");
}

function draw(plot: TimelinePlot, form: keyof typeof WIDTHS): string {
  const { bins, spans, label } = plot;
  const width = WIDTHS[form];
  const bottom = MARGIN.top + COURSE_HEIGHT;
  const barsFrom = bottom + ROW_GAP;
  const end = spans.length === 0 ? bottom : barsFrom + spans.length * ROW_HEIGHT;
  const first = bins[0]?.from ?? 0;
  const last = (bins.at(-1)?.from ?? 0) + BIN_SECONDS;
  const x = linearAxis(last, Math.floor(first / TIME_STEP) * TIME_STEP);
  const y = linearAxis(Math.max(1, ...bins.map(({ served, late, bad }) => Math.max(served, late, bad) / BIN_SECONDS)));
  const xAt = (seconds: number): number => MARGIN.left + x.place(seconds) * (width - MARGIN.left - MARGIN.right);
  const yAt = (perSecond: number): number => MARGIN.top + (1 - y.place(perSecond)) * COURSE_HEIGHT;
  const area = (read: (bin: RunBin) => number, series: number): string => {
    const steps = bins.map((bin) => `V${round(yAt(read(bin) / BIN_SECONDS))}H${round(xAt(bin.from + BIN_SECONDS))}`);
    const line = `M${round(xAt(first))} ${bottom}${steps.join("")}V${bottom}`;
    return `<path d="${line}Z" fill="var(--series-${series})" fill-opacity="0.22"/><path d="${line}" ${lineOf(series)}/>`;
  };
  const fault = spans.find(({ key }) => key === "fault");
  return [
    `<svg class="plot ${form}" viewBox="0 0 ${width} ${end + MARGIN.bottom}" role="img" aria-label="${escapeHtml(label)}">`,
    ...(fault === undefined ? [] : [shade(xAt(fault.from), xAt(fault.to ?? last), end)]),
    ...x.ticks.map(
      (tick) =>
        `<line class="grid" x1="${round(xAt(tick))}" x2="${round(xAt(tick))}" y1="${MARGIN.top}" y2="${end}"/>` +
        `<text x="${round(xAt(tick))}" y="${end + 16}" text-anchor="middle">${figureText(tick)}</text>`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<line class="grid" x1="${MARGIN.left}" x2="${width - MARGIN.right}" y1="${round(yAt(tick))}" y2="${round(yAt(tick))}"/>` +
        `<text x="${MARGIN.left - 7}" y="${round(yAt(tick) + 4)}" text-anchor="end">${figureText(tick)}</text>`,
    ),
    ...SERIES.map(({ series, read }) => (bins.some((bin) => read(bin) > 0) ? area(read, series) : "")),
    ...(fault === undefined ? [] : [bound(xAt(fault.from), end), bound(xAt(fault.to ?? last), end)]),
    ...spans.map((span, index) => bar(span, { xAt, last, top: barsFrom + index * ROW_HEIGHT, width })),
    `<text class="axis" x="${round((MARGIN.left + width - MARGIN.right) / 2)}" y="${end + MARGIN.bottom - 6}" text-anchor="middle">${escapeHtml(plot.seconds)}</text>`,
    `<text class="axis" x="${MARGIN.left - 7}" y="12" text-anchor="start">${escapeHtml(plot.perSecond)}</text>`,
    "</svg>",
  ].join("");
}

function shade(from: number, to: number, end: number): string {
  return `<rect x="${round(from)}" y="${MARGIN.top}" width="${round(to - from)}" height="${end - MARGIN.top}" fill="var(--line)" fill-opacity="0.45"/>`;
}

function bound(at: number, end: number): string {
  return `<line class="bound" x1="${round(at)}" x2="${round(at)}" y1="${MARGIN.top}" y2="${end}"/>`;
}

/** A bar with its words above; the words stand at its beginning, or end at the edge where there is no room. */
function bar(
  { key, from, to, text }: RunSpan,
  place: {
    readonly xAt: (seconds: number) => number;
    readonly last: number;
    readonly top: number;
    readonly width: number;
  },
): string {
  const { xAt, last, top, width } = place;
  const left = xAt(from);
  const right = Math.max(left + 2, xAt(to ?? last));
  const isLate = left > width / 2;
  const words = `<text class="axis" x="${round(isLate ? width - MARGIN.right : left + 3)}" y="${top + 11}"${isLate ? ' text-anchor="end"' : ""}>${escapeHtml(text)}</text>`;
  const bottom = top + 16;
  const body = `<rect x="${round(left)}" y="${bottom}" width="${round(right - left)}" height="${BAR_HEIGHT}" fill="${COLOURS[key]}"/>`;
  // What did not end within the run has an open end.
  const tip = `${round(right)},${bottom - 3} ${round(right + 8)},${bottom + BAR_HEIGHT / 2} ${round(right)},${bottom + BAR_HEIGHT + 3}`;
  return words + body + (to === undefined ? `<polygon points="${tip}" fill="${COLOURS[key]}"/>` : "");
}
