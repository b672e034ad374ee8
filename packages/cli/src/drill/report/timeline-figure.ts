// One run as a picture: requests served and not served in each half second, and the moments that matter as lines with a number.
import { isServed, type JudgedRun } from "@flyball/drill";
import type { Translate } from "../../messages/translate.ts";
import { escapeHtml } from "../../page/escape-html.ts";
import { figureHtml, tableHtml } from "../../page/page-parts.ts";
import { linearAxis } from "../../page/plot-axis.ts";
import { lineOf, round } from "../../page/series-mark.ts";
import { durationText, figureText } from "../../render/number-text.ts";
import { runMoments, type RunMoment } from "./run-moments.ts";

const BIN_SECONDS = 0.5;
const WIDTH = 760;
const HEIGHT = 300;
const MARGIN = { left: 56, right: 20, top: 34, bottom: 44 };
const INNER = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };
/** Lines that stand closer get their numbers one below the other. */
const NUMBER_WIDTH = 16;

interface Bin {
  readonly from: number;
  served: number;
  bad: number;
  slowestMs: number;
}

/** The section of one run. */
export function timelineFigure(judged: JudgedRun, title: string, translate: Translate): string {
  const bins = binsOf(judged);
  const moments = runMoments(judged, translate);
  const label = [title, ...moments.map(({ seconds, text }) => `${text} ${durationText(seconds * 1_000)}`)].join("; ");
  const legend = [translate("drill.page.served"), translate("drill.page.bad")];
  const listed = moments.map(
    ({ seconds, text }, index) => `<li>${index + 1}. ${escapeHtml(text)}: ${escapeHtml(momentTime(seconds))}</li>`,
  );
  return figureHtml({
    title,
    text: translate("drill.page.timeline-text"),
    legend,
    plot: `${draw(bins, moments, { label, translate })}<ol class="legend">${listed.join("")}</ol>`,
    tableTitle: translate("drill.page.as-table"),
    table: `${momentTable(moments, translate)}${binTable(bins, translate)}`,
  });
}

function momentTime(seconds: number): string {
  return `${seconds < 0 ? "−" : ""}${durationText(Math.abs(seconds) * 1_000)}`;
}

function binsOf({ run }: JudgedRun): readonly Bin[] {
  const { injectedAt = run.loadFrom, requests } = run;
  const bins = new Map<number, Bin>();
  for (const record of requests) {
    const place = Math.floor((record.sentAt - injectedAt) / 1_000 / BIN_SECONDS);
    const bin = bins.get(place) ?? { from: place * BIN_SECONDS, served: 0, bad: 0, slowestMs: 0 };
    bins.set(place, bin);
    if (isServed(record)) bin.served += 1;
    else bin.bad += 1;
    bin.slowestMs = Math.max(bin.slowestMs, record.endedAt - record.sentAt);
  }
  return [...bins.values()].toSorted((a, b) => a.from - b.from);
}

function draw(
  bins: readonly Bin[],
  moments: readonly RunMoment[],
  { label, translate }: { readonly label: string; readonly translate: Translate },
): string {
  const from = bins[0]?.from ?? 0;
  const x = linearAxis((bins.at(-1)?.from ?? 0) + BIN_SECONDS, Math.floor(from));
  const y = linearAxis(Math.max(1, ...bins.map(({ served, bad }) => Math.max(served, bad) / BIN_SECONDS)));
  const xAt = (seconds: number): number => MARGIN.left + x.place(seconds) * INNER.width;
  const yAt = (perSecond: number): number => MARGIN.top + (1 - y.place(perSecond)) * INNER.height;
  const steps = (read: (bin: Bin) => number): string =>
    bins
      .map((bin, index) => {
        const level = round(yAt(read(bin) / BIN_SECONDS));
        return `${index === 0 ? "M" : "L"}${round(xAt(bin.from))} ${level}H${round(xAt(bin.from + BIN_SECONDS))}`;
      })
      .join("");
  const bottom = MARGIN.top + INNER.height;
  return [
    `<svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeHtml(label)}">`,
    ...x.ticks.map(
      (tick) =>
        `<line class="grid" x1="${round(xAt(tick))}" x2="${round(xAt(tick))}" y1="${MARGIN.top}" y2="${bottom}"/>` +
        `<text x="${round(xAt(tick))}" y="${bottom + 16}" text-anchor="middle">${figureText(tick)}</text>`,
    ),
    ...y.ticks.map(
      (tick) =>
        `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${round(yAt(tick))}" y2="${round(yAt(tick))}"/>` +
        `<text x="${MARGIN.left - 7}" y="${round(yAt(tick) + 4)}" text-anchor="end">${figureText(tick)}</text>`,
    ),
    `<path d="${steps(({ served }) => served)}" ${lineOf(0)}/>`,
    `<path d="${steps(({ bad }) => bad)}" ${lineOf(1)}/>`,
    ...numbersOf(moments, xAt, bottom),
    `<text class="axis" x="${MARGIN.left + INNER.width / 2}" y="${HEIGHT - 6}" text-anchor="middle">${escapeHtml(translate("drill.page.seconds"))}</text>`,
    `<text class="axis" transform="translate(13 ${MARGIN.top + INNER.height / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(translate("drill.page.per-second"))}</text>`,
    "</svg>",
  ].join("");
}

function numbersOf(moments: readonly RunMoment[], xAt: (seconds: number) => number, bottom: number): readonly string[] {
  let lastX = -Infinity;
  let row = 0;
  return moments.map(({ seconds }, index) => {
    const at = xAt(seconds);
    row = at - lastX < NUMBER_WIDTH ? row + 1 : 0;
    lastX = at;
    return (
      `<line class="bound" x1="${round(at)}" x2="${round(at)}" y1="${MARGIN.top - 6}" y2="${bottom}"/>` +
      `<text class="axis" x="${round(at + 3)}" y="${MARGIN.top - 10 + row * 14}">${index + 1}</text>`
    );
  });
}

function momentTable(moments: readonly RunMoment[], translate: Translate): string {
  return tableHtml(
    translate("drill.page.moments"),
    [translate("drill.page.moment"), translate("drill.page.seconds")],
    moments.map(({ seconds, text }) => [text, momentTime(seconds)]),
  );
}

function binTable(bins: readonly Bin[], translate: Translate): string {
  const head = [
    translate("drill.page.seconds"),
    translate("drill.page.served"),
    translate("drill.page.bad"),
    translate("drill.page.slowest"),
  ];
  return tableHtml(
    translate("drill.page.bins"),
    head,
    bins.map(({ from, served, bad, slowestMs }) => [
      from.toFixed(1),
      String(served),
      String(bad),
      durationText(slowestMs),
    ]),
  );
}
