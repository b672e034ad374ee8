// What each client met: how many times as long its answers took as they would have alone.
import type { Translate } from "../../messages/translate.ts";
import type { CaseResult } from "../case-result.ts";
import { durationText, figureText } from "../../render/number-text.ts";
import { caseNames } from "./case-names.ts";
import { escapeHtml } from "../../page/escape-html.ts";
import { figureHtml, tableHtml } from "../../page/page-parts.ts";
import { logAxis } from "../../page/plot-axis.ts";
import { rowPlot } from "../../page/row-plot.ts";

/** Clients in the picture; those with the most tokens. */
const CLIENTS_SHOWN = 16;

/** The picture and its table; a sentence where the trace does not tell who asks. */
export function fairnessFigure(cases: readonly CaseResult[], translate: Translate): string {
  const title = translate("report.fairness");
  const clients = [...new Set(cases.flatMap((each) => each.clients.map(({ client }) => client)))];
  if (clients.length < 2)
    return `<section><h2>${escapeHtml(title)}</h2><p>${escapeHtml(translate("report.no-clients"))}</p></section>`;
  const names = caseNames(cases);
  const slowdowns = clients.map((client) => ({
    name: client,
    values: cases.map((each) => each.clients.find((other) => other.client === client)?.slowdown),
  }));
  const greatest = Math.max(...slowdowns.flatMap(({ values }) => values).map((value) => value ?? 1));
  const jain = cases.map((each, index) => `${names[index]} ${figureText(each.fairness)}`).join("; ");
  const text = translate("report.fairness-text", { jain });
  const plot = rowPlot({
    label: `${title}. ${text}`,
    rows: slowdowns.slice(0, CLIENTS_SHOWN),
    x: logAxis(1, greatest),
    xTitle: translate("report.slowdown-axis"),
    yTitle: translate("report.client-axis"),
    xText: (value) => `${figureText(value)}×`,
    isBar: false,
  });
  const head = [
    translate("report.client"),
    translate("simulate.policy-column"),
    translate("report.requests"),
    translate("report.slowdown"),
    translate("report.mean-ttft"),
    "TTFT P99",
    translate("report.wait"),
    translate("report.longest-wait"),
  ];
  const rows = clients.flatMap((client) =>
    cases.flatMap((each, index) => {
      const met = each.clients.find((other) => other.client === client);
      if (met === undefined) return [];
      const { requests, slowdown, meanTtftMs, p99TtftMs, meanWaitMs, maxWaitMs } = met;
      return [
        [
          client,
          names[index] ?? "",
          String(requests),
          `${figureText(slowdown)}×`,
          ...[meanTtftMs, p99TtftMs, meanWaitMs, maxWaitMs].map(durationText),
        ],
      ];
    }),
  );
  return figureHtml({
    title,
    text,
    legend: names,
    plot,
    tableTitle: translate("report.table"),
    table: tableHtml(title, head, rows),
  });
}
