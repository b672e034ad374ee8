// The whole page of a replay: one file that loads nothing, with a table for every picture.
import type { Language } from "../../messages/language.ts";
import type { Translate } from "../../messages/translate.ts";
import { caseTable, type CaseColumnName } from "../case-columns.ts";
import type { CaseResult } from "../case-result.ts";
import type { SimulationReport } from "../simulation-report.ts";
import { objectiveText, traceText } from "../simulation-text.ts";
import { costFigure } from "./cost-figure.ts";
import { distributionFigure } from "./distribution-figure.ts";
import { escapeHtml } from "../../page/escape-html.ts";
import { fairnessFigure } from "./fairness-figure.ts";
import { loadFigure } from "./load-figure.ts";
import { pageHtml } from "../../page/page-html.ts";
import { tableHtml } from "../../page/page-parts.ts";
import { MAX_SERIES } from "../../page/series-mark.ts";

const COLUMNS: readonly CaseColumnName[] = [
  "policy",
  "pool",
  "rate",
  "good",
  "goodput",
  "ttftP50",
  "ttftP99",
  "itlP50",
  "itlP99",
  "latency",
  "refused",
  "preempted",
  "cache",
  "fairness",
  "hours",
];

/** How to write it. */
export interface ReportSpeech {
  readonly language: Language;
  readonly translate: Translate;
  readonly version: string;
}

/** Renders the page. Pictures show the cases at the first rate, the first eight of them; tables have all. */
export function reportPage(report: SimulationReport, { language, translate, version }: ReportSpeech): string {
  const { trace, objective, seed, cases } = report;
  const [first] = cases;
  const atFirstRate = cases.filter((each) => !each.isSweep && each.loadFactor === first?.loadFactor);
  const shown = atFirstRate.slice(0, MAX_SERIES);
  const title = translate("report.title", { name: trace.name });
  const bounds = { ttftMs: objective.ttftMs, itlMs: objective.tpotMs };
  const parts = [
    `<h1>${escapeHtml(title)}</h1>`,
    `<p>${escapeHtml(traceText(trace, translate))}<br>${escapeHtml(objectiveText(objective, translate, seed))}</p>`,
    `<section><h2>${escapeHtml(translate("report.overview"))}</h2>${overview(cases, translate)}</section>`,
    distributionFigure({ what: "ttft", cases: shown, boundMs: bounds.ttftMs, translate }),
    distributionFigure({ what: "itl", cases: shown, boundMs: bounds.itlMs, translate }),
    loadFigure(cases, translate),
    fairnessFigure(shown, translate),
    costFigure(shown, translate),
    atFirstRate.length > shown.length
      ? `<p>${escapeHtml(translate("report.more-cases", { shown: MAX_SERIES, all: atFirstRate.length }))}</p>`
      : "",
    `<footer>${escapeHtml(translate("report.footer", { version }))}</footer>`,
  ];
  return pageHtml({ language, title, body: parts.join("\n") });
}

function overview(cases: readonly CaseResult[], translate: Translate): string {
  const shown = cases.filter(({ isSweep }) => !isSweep);
  const { head, rows } = caseTable(COLUMNS, shown, { translate, isNarrow: false });
  return tableHtml(translate("report.overview-caption"), head, rows);
}
