// What a case costs, in replica-hours, and what came of them.
import type { Translate } from "../../messages/translate.ts";
import type { CaseResult } from "../case-result.ts";
import { figureText } from "../../render/number-text.ts";
import { caseNames } from "./case-names.ts";
import { figureHtml, tableHtml } from "../../page/page-parts.ts";
import { linearAxis } from "../../page/plot-axis.ts";
import { rowPlot } from "../../page/row-plot.ts";

/** The picture and its table. */
export function costFigure(cases: readonly CaseResult[], translate: Translate): string {
  const names = caseNames(cases);
  const title = translate("report.cost");
  const text = translate("report.cost-text");
  const plot = rowPlot({
    label: `${title}. ${text}`,
    rows: cases.map(({ goodPerReplicaHour }, index) => ({ name: names[index] ?? "", values: [goodPerReplicaHour] })),
    x: linearAxis(Math.max(...cases.map(({ goodPerReplicaHour }) => goodPerReplicaHour), Number.EPSILON)),
    xTitle: translate("report.cost-axis"),
    yTitle: translate("report.policy-axis"),
    xText: figureText,
    isBar: true,
  });
  const head = [
    translate("simulate.policy-column"),
    translate("simulate.hours-column"),
    translate("report.good-requests"),
    translate("report.per-hour"),
  ];
  const rows = cases.map((each, index) => [
    names[index] ?? "",
    figureText(each.replicaHours),
    String(Math.round(each.goodShare * each.requests)),
    figureText(each.goodPerReplicaHour),
  ]);
  return figureHtml({
    title,
    text,
    plot,
    tableTitle: translate("report.table"),
    table: tableHtml(title, head, rows),
  });
}
