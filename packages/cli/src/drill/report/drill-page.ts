// The report as one page that loads nothing: figures, targets, the course of one run of each fault, all runs.
import type { DrillReport, FaultSummary, JudgedRun } from "@flyball/drill";
import type { Language } from "../../messages/language.ts";
import type { Translate } from "../../messages/translate.ts";
import { escapeHtml } from "../../page/escape-html.ts";
import { pageHtml } from "../../page/page-html.ts";
import { tableHtml, textTableHtml } from "../../page/page-parts.ts";
import { formatExactMoment } from "../../render/moment.ts";
import { durationText } from "../../render/number-text.ts";
import { actionLines, drillTable, settingText, targetText, verdictText } from "../drill-text.ts";
import { reasonText } from "../reason-text.ts";
import { timelineFigure } from "./timeline-figure.ts";

/** How to write it. */
export interface PageSpeech {
  readonly language: Language;
  readonly translate: Translate;
  readonly version: string;
}

/** Renders the page. */
export function drillPage(report: DrillReport, { language, translate, version }: PageSpeech): string {
  const { setting } = report;
  const title = translate("drill.page.title", { app: setting.app });
  const facts = [
    ...settingText(report, translate).split("\n"),
    translate("drill.page.machine", {
      at: formatExactMoment(setting.at),
      processors: setting.processors,
      node: setting.node,
    }),
    setting.command,
  ];
  const parts = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>${facts.map(escapeHtml).join("<br>")}</p>`,
    section(translate("drill.page.figures"), overview(report, translate)),
    section(translate("drill.page.targets"), targets(report, translate)),
    ...timelines(report, { language, translate }),
    section(translate("drill.page.runs"), runs(report, translate)),
    `<footer>${escapeHtml(translate("drill.page.footer", { version }))}</footer>`,
  ];
  return pageHtml({ language, title, body: parts.join("\n") });
}

function section(title: string, body: string): string {
  return `<section><h2>${escapeHtml(title)}</h2>${body}</section>`;
}

function overview({ summaries }: DrillReport, translate: Translate): string {
  const { head, rows } = drillTable(summaries, translate);
  // The verdict stands beside the name: the table may be wider than the screen.
  const first = <Cell>(cells: readonly Cell[]): readonly Cell[] => [
    ...cells.slice(0, 1),
    ...cells.slice(-1),
    ...cells.slice(1, -1),
  ];
  const withVerdict = rows.map((row, index) => {
    const summary = summaries[index];
    return first([...row.slice(0, -1), summary === undefined ? "" : markedVerdict(summary, translate)]);
  });
  return tableHtml(translate("drill.page.figures-caption"), first(head), withVerdict);
}

function markedVerdict(summary: FaultSummary, translate: Translate): string {
  const text = verdictText(summary, translate);
  if (summary.measured === 0) return text;
  return `${summary.targets.some(({ isKept }) => !isKept) ? "✗" : "✓"} ${text}`;
}

function targets({ summaries }: DrillReport, translate: Translate): string {
  const rows = summaries.flatMap((summary) =>
    summary.targets.map((target) => [
      summary.fault ?? translate("drill.empty-run"),
      target.isKept ? `✓ ${translate("drill.kept")}` : `✗ ${translate("drill.target-not-kept")}`,
      targetText(target, translate),
    ]),
  );
  const head = [translate("drill.column.fault"), translate("drill.column.targets"), translate("drill.page.target")];
  const lines = summaries.flatMap((summary) =>
    actionLines(summary, translate).map((line) => `${summary.fault ?? translate("drill.empty-run")}: ${line}`),
  );
  const list = lines.length === 0 ? "" : `<ul>${lines.map((line) => `<li>${escapeHtml(line)}</li>`).join("")}</ul>`;
  return textTableHtml(translate("drill.page.targets-caption"), head, rows) + list;
}

/** The worst run of each fault by what clients met: the others were shorter. */
function timelines(
  { faults, runs: all }: DrillReport,
  { language, translate }: { readonly language: Language; readonly translate: Translate },
): readonly string[] {
  const worst = (each: JudgedRun): number => each.verdict.traffic?.frtMs ?? Infinity;
  return [...faults, undefined].flatMap((fault) => {
    const measured = all.filter(({ run, verdict }) => run.fault === fault?.id && verdict.traffic !== undefined);
    const shown = measured.toSorted((a, b) => worst(b) - worst(a))[0];
    if (shown === undefined) return [];
    const name = fault === undefined ? translate("drill.empty-run") : `${fault.id}: ${fault.title[language]}`;
    const title = translate("drill.page.timeline", { fault: name, number: shown.run.index + 1 });
    return [timelineFigure(shown, title, translate)];
  });
}

function runs({ runs: all }: DrillReport, translate: Translate): string {
  const time = (value: number | undefined): string => (value === undefined ? "-" : durationText(value));
  const head = [
    translate("drill.page.run"),
    translate("drill.column.fault"),
    translate("drill.column.victim"),
    translate("drill.page.outcome"),
    translate("drill.column.detect"),
    translate("drill.column.act"),
    translate("drill.column.traffic"),
    translate("drill.column.capacity"),
    translate("drill.column.failed"),
    translate("drill.column.lost"),
  ];
  const rows = all.map(({ run, verdict }) => [
    String(run.index + 1),
    run.fault ?? translate("drill.empty-run"),
    run.victim === undefined ? "-" : [run.victim.service, ...(run.victim.ordinals ?? [])].join("/"),
    run.outcome.kind === "measured"
      ? translate("drill.outcome.measured")
      : `${translate(`drill.outcome.${run.outcome.kind}`)}: ${reasonText(run.outcome.reason, translate)}`,
    time(verdict.actions?.detectedMs),
    time(verdict.actions?.actedMs),
    time(verdict.traffic?.frtMs),
    time(verdict.capacity?.capacityMs),
    String(verdict.counts.failed),
    String(verdict.counts.lost),
  ]);
  return tableHtml(translate("drill.page.runs-caption"), head, rows);
}
