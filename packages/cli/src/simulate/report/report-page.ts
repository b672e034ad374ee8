// The whole page of a replay: one file that loads nothing, with a table for every picture.
import type { Language } from "../../messages/language.ts";
import type { Translate } from "../../messages/translate.ts";
import type { CaseResult } from "../case-result.ts";
import { durationText, figureText, shareText } from "../number-text.ts";
import type { SimulationReport } from "../simulation-report.ts";
import { objectiveText, traceText } from "../simulation-text.ts";
import { costFigure } from "./cost-figure.ts";
import { distributionFigure } from "./distribution-figure.ts";
import { escapeHtml } from "./escape-html.ts";
import { fairnessFigure } from "./fairness-figure.ts";
import { loadFigure } from "./load-figure.ts";
import { tableHtml } from "./page-parts.ts";
import { PAGE_STYLE } from "./page-style.ts";
import { MAX_SERIES } from "./series-mark.ts";

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
  return [
    "<!doctype html>",
    `<html lang="${language === "zh" ? "zh-CN" : "en"}"><head><meta charset="utf-8">`,
    '<meta name="viewport" content="width=device-width,initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">`,
    '<link rel="icon" href="data:,">',
    `<title>${escapeHtml(title)}</title><style>${PAGE_STYLE}</style></head>`,
    `<body><main>${parts.join("\n")}</main></body></html>\n`,
  ].join("\n");
}

function overview(cases: readonly CaseResult[], translate: Translate): string {
  const head = [
    translate("simulate.policy-column"),
    translate("simulate.pool-column"),
    translate("simulate.rate-column"),
    translate("simulate.good-column"),
    translate("simulate.goodput-column"),
    "TTFT P50",
    "TTFT P99",
    "ITL P50",
    "ITL P99",
    translate("report.latency"),
    translate("simulate.refused-column"),
    translate("simulate.preempted-column"),
    translate("simulate.cache-column"),
    translate("simulate.fairness-column"),
    translate("simulate.hours-column"),
  ];
  const rows = cases
    .filter(({ isSweep }) => !isSweep)
    .map((each) => [
      each.policy,
      each.pool,
      figureText(each.requestsPerSecond),
      shareText(each.goodShare),
      figureText(each.goodput),
      durationText(each.ttft.p50),
      durationText(each.ttft.p99),
      durationText(each.itl.p50),
      durationText(each.itl.p99),
      durationText(each.latency.mean),
      String(each.notServed),
      String(each.enginePreemptions),
      shareText(each.cacheHit),
      figureText(each.fairness),
      figureText(each.replicaHours),
    ]);
  return tableHtml(translate("report.overview-caption"), head, rows);
}
