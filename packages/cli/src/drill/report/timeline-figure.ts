// One run as a section: its picture, and the same as tables.
import type { JudgedRun } from "@flyball/drill";
import type { Translate } from "../../messages/translate.ts";
import { figureHtml, tableHtml } from "../../page/page-parts.ts";
import { durationText } from "../../render/number-text.ts";
import { runBins, type RunBin } from "./run-bins.ts";
import { runMoments, type RunMoment } from "./run-moments.ts";
import { runSpans } from "./run-spans.ts";
import { SERIES, timelinePlot } from "./timeline-plot.ts";

/** The section of one run. */
export function timelineFigure(judged: JudgedRun, title: string, translate: Translate): string {
  const bins = runBins(judged);
  const moments = runMoments(judged, translate);
  const spans = runSpans(judged, translate);
  return figureHtml({
    title,
    text: translate("drill.page.timeline-text"),
    legend: SERIES.map(({ series, key }) => ({ series, name: translate(`drill.page.${key}`) })),
    plot: timelinePlot({
      bins,
      spans,
      label: [title, ...spans.map(({ text }) => text)].join("; "),
      seconds: translate("drill.page.seconds"),
      perSecond: translate("drill.page.per-second"),
    }),
    tableTitle: translate("drill.page.as-table"),
    table: `${momentTable(moments, translate)}${binTable(bins, translate)}`,
  });
}

function momentTime(seconds: number): string {
  return `${seconds < 0 ? "−" : ""}${durationText(Math.abs(seconds) * 1_000)}`;
}

function momentTable(moments: readonly RunMoment[], translate: Translate): string {
  return tableHtml(
    translate("drill.page.moments"),
    [translate("drill.page.moment"), translate("drill.page.seconds")],
    moments.map(({ seconds, text }) => [text, momentTime(seconds)]),
  );
}

function binTable(bins: readonly RunBin[], translate: Translate): string {
  const head = [
    translate("drill.page.seconds"),
    translate("drill.page.served"),
    translate("drill.page.late"),
    translate("drill.page.bad"),
    translate("drill.page.slowest"),
  ];
  return tableHtml(
    translate("drill.page.bins"),
    head,
    bins.map(({ from, served, late, bad, slowestMs }) => [
      from.toFixed(1),
      String(served),
      String(late),
      String(bad),
      durationText(slowestMs),
    ]),
  );
}
