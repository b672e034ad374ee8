// Goodput over load: where the requests that keep the objective stop to follow the requests that come.
import type { Translate } from "../../messages/translate.ts";
import type { CaseResult } from "../case-result.ts";
import { figureText, shareText } from "../../render/number-text.ts";
import { caseNames } from "./case-names.ts";
import { linePlot } from "../../page/line-plot.ts";
import { figureHtml, tableHtml } from "../../page/page-parts.ts";
import { linearAxis } from "../../page/plot-axis.ts";
import { MAX_SERIES } from "../../page/series-mark.ts";

/** The picture and its table; nothing for a trace that all comes at one moment, or one rate alone. */
export function loadFigure(cases: readonly CaseResult[], translate: Translate): string {
  const groups = Object.values(Object.groupBy(cases, ({ policy, pool }) => `${policy}\n${pool}`)).map((group) =>
    (group ?? []).toSorted((a, b) => a.requestsPerSecond - b.requestsPerSecond),
  );
  const rates = cases.map(({ requestsPerSecond }) => requestsPerSecond);
  if (!rates.every(Number.isFinite) || new Set(rates).size < 2) return "";
  const names = caseNames(groups.flatMap(([first]) => (first === undefined ? [] : [first])));
  const shown = groups.slice(0, MAX_SERIES);
  const title = translate("report.load");
  const text = translate("report.load-text");
  const plot = linePlot({
    label: `${title}. ${text}`,
    lines: shown.map((group) => ({
      points: group.map(({ requestsPerSecond, goodput }) => [requestsPerSecond, goodput] as const),
    })),
    x: linearAxis(Math.max(...rates)),
    y: linearAxis(Math.max(...cases.map(({ goodput }) => goodput), Number.EPSILON)),
    xTitle: translate("report.load-axis"),
    yTitle: translate("report.goodput-axis"),
    xText: figureText,
    yText: figureText,
    hasMarks: true,
    diagonalTo: Math.max(...cases.map(({ goodput }) => goodput)),
  });
  const head = [
    translate("simulate.policy-column"),
    translate("simulate.rate-column"),
    translate("simulate.goodput-column"),
    translate("simulate.good-column"),
  ];
  const rows = groups.flatMap((group, index) =>
    group.map((each) => [
      names[index] ?? "",
      figureText(each.requestsPerSecond),
      figureText(each.goodput),
      shareText(each.goodShare),
    ]),
  );
  return figureHtml({
    title,
    text,
    legend: names.slice(0, MAX_SERIES),
    plot,
    tableTitle: translate("report.table"),
    table: tableHtml(title, head, rows),
  });
}
