// How first tokens, or times between tokens, are spread: which share of the requests is below a time.
import type { Translate } from "../../messages/translate.ts";
import { type CaseResult, CURVE_SHARES } from "../case-result.ts";
import { durationText, shareText } from "../../render/number-text.ts";
import { caseNames } from "./case-names.ts";
import { linePlot } from "../../page/line-plot.ts";
import { figureHtml, tableHtml } from "../../page/page-parts.ts";
import { linearAxis, logAxis } from "../../page/plot-axis.ts";

/** What to show. */
export interface DistributionInput {
  readonly what: "ttft" | "itl";
  readonly cases: readonly CaseResult[];
  readonly boundMs: number;
  readonly translate: Translate;
}

const LEAST_MS = 0.1;

/** The picture and its table. */
export function distributionFigure({ what, cases, boundMs, translate }: DistributionInput): string {
  const names = caseNames(cases);
  const curves = cases.map(({ ttftCurve, itlCurve }) => (what === "ttft" ? ttftCurve : itlCurve));
  const times = curves.flat().filter((value) => Number.isFinite(value) && value >= LEAST_MS);
  const title = translate(what === "ttft" ? "report.ttft" : "report.itl");
  const xTitle = translate(what === "ttft" ? "report.ttft-axis" : "report.itl-axis");
  const text = translate(what === "ttft" ? "report.ttft-text" : "report.itl-text");
  const plot = linePlot({
    label: `${title}. ${text}`,
    lines: curves.map((curve) => ({
      points: curve.flatMap((time, index) =>
        Number.isFinite(time) ? [[time, CURVE_SHARES[index] ?? 1] as const] : [],
      ),
    })),
    x: logAxis(Math.min(boundMs, ...times), Math.max(boundMs, ...times)),
    y: linearAxis(1),
    xTitle,
    yTitle: translate("report.share-axis"),
    xText: tickText,
    yText: (share) => `${Math.round(share * 100)} %`,
    hasMarks: false,
    bound: { x: boundMs, text: translate("report.bound", { time: durationText(boundMs) }) },
  });
  const head = [
    translate("simulate.policy-column"),
    translate("report.mean"),
    "P50",
    "P90",
    "P95",
    "P99",
    translate("report.greatest"),
    translate("report.within"),
  ];
  const rows = cases.map((each, index) => {
    const { mean, p50, p90, p95, p99, max } = what === "ttft" ? each.ttft : each.itl;
    return [
      names[index] ?? "",
      ...[mean, p50, p90, p95, p99, max].map(durationText),
      shareText(shareWithin(curves[index] ?? [], boundMs)),
    ];
  });
  return figureHtml({
    title,
    text,
    legend: names,
    plot,
    tableTitle: translate("report.table"),
    table: tableHtml(title, head, rows),
  });
}

/** Share of the requests at or below the bound, on the straight line between the two points of the curve around it. */
function shareWithin(curve: readonly number[], boundMs: number): number {
  const last = curve.findLastIndex((value) => value <= boundMs);
  const [from, to] = [curve[last], curve[last + 1]];
  const share = CURVE_SHARES[last] ?? 0;
  if (from === undefined || to === undefined) return share;
  return share + (((CURVE_SHARES[last + 1] ?? 1) - share) * (boundMs - from)) / (to - from);
}

function tickText(milliseconds: number): string {
  return milliseconds >= 1_000 ? `${milliseconds / 1_000} s` : `${milliseconds} ms`;
}
