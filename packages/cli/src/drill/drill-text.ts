// The report as a table: a row for each fault, the empty runs last, and what was missed below.
import { INCIDENT_CLASSES } from "@flyball/core";
import type { DrillReport, FaultSummary, Spread } from "@flyball/drill";
import { fieldText } from "../messages/field-text.ts";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { durationText, figureText, shareText } from "../render/number-text.ts";

/** The whole text. */
export function drillText(report: DrillReport, translate: Translate, style: Style): string {
  const { summaries } = report;
  const { head, rows } = drillTable(summaries, translate);
  const marked = rows.map((row, index) => withVerdict(row, summaries[index], translate, style));
  return [
    settingText(report, translate),
    "",
    renderTable(head, marked, style),
    ...missedLines(summaries, translate, style),
  ].join("\n");
}

/** How it was measured. */
export function settingText({ setting }: DrillReport, translate: Translate): string {
  const text = translate("drill.setting", {
    app: setting.app,
    rate: setting.perSecond,
    seed: setting.seed,
    window: durationText(setting.goodWindowMs),
    resolution: durationText(1_000 / setting.perSecond),
  });
  return setting.isShadow ? `${text}\n${translate("drill.shadow")}` : text;
}

/** Head and rows, without colour; the page shows the same. */
export function drillTable(
  summaries: readonly FaultSummary[],
  translate: Translate,
): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const spread = (value: Spread | undefined, never = 0): string => {
    const missing = never > 0 ? ` (${translate("drill.never", { count: never })})` : "";
    return spreadText(value) + missing;
  };
  return {
    head: [
      translate("drill.column.fault"),
      translate("drill.column.runs"),
      translate("drill.column.detect"),
      translate("drill.column.act"),
      translate("drill.column.traffic"),
      translate("drill.column.capacity"),
      translate("drill.column.start"),
      translate("drill.column.requests"),
      translate("drill.column.failed"),
      translate("drill.column.lost"),
      translate("drill.column.duplicated"),
      translate("drill.column.attempts"),
      translate("drill.column.false"),
      translate("drill.column.targets"),
    ],
    rows: summaries.map((each) => [
      each.fault ?? translate("drill.empty-run"),
      `${each.measured}/${each.runs}`,
      spread(each.detect),
      spread(each.act),
      spread(each.traffic, each.neverTraffic),
      each.fault === undefined ? "-" : spread(each.capacity, each.neverCapacity),
      spread(each.start),
      String(each.sent),
      String(each.failed),
      String(each.lost),
      String(each.duplicated),
      figureText(each.amplification),
      String(each.falseActions.length),
      "",
    ]),
  };
}

/** Of one value, that; of several, p50 and p95. */
function spreadText(value: Spread | undefined): string {
  if (value === undefined) return "-";
  return value.count === 1 ? durationText(value.p50) : `${durationText(value.p50)} / ${durationText(value.p95)}`;
}

/** In words: kept, missed, or nothing to say. */
export function verdictText({ measured, targets, skipped, runs }: FaultSummary, translate: Translate): string {
  if (measured === 0) return translate(skipped === runs ? "drill.skipped" : "drill.not-measured");
  const missed = targets.filter(({ isKept }) => !isKept).length;
  return missed === 0 ? translate("drill.kept") : translate("drill.missed", { count: missed });
}

function withVerdict(
  row: readonly string[],
  summary: FaultSummary | undefined,
  translate: Translate,
  style: Style,
): readonly string[] {
  if (summary === undefined) return row;
  const text = verdictText(summary, translate);
  const isMissed = summary.measured > 0 && summary.targets.some(({ isKept }) => !isKept);
  if (summary.measured === 0) return [...row.slice(0, -1), style.dim(text)];
  return [...row.slice(0, -1), isMissed ? style.red(`✗ ${text}`) : style.green(`✓ ${text}`)];
}

function missedLines(summaries: readonly FaultSummary[], translate: Translate, style: Style): readonly string[] {
  const lines = summaries.flatMap((summary) => [
    ...summary.targets
      .filter(({ isKept }) => !isKept)
      .map(
        (each) => `${style.red("✗")} ${summary.fault ?? translate("drill.empty-run")}: ${targetText(each, translate)}`,
      ),
    ...actionLines(summary, translate).map((line) => `  ${line}`),
  ]);
  return lines.length === 0 ? [] : ["", ...lines];
}

/** What was done to those who had nothing, what the fault calls wrong, how much load was turned away; a sentence each. */
export function actionLines(summary: FaultSummary, translate: Translate): readonly string[] {
  const { falseActions, wrongActions, turnedAway } = summary;
  return [
    ...(turnedAway === 0 ? [] : [translate("drill.turned-away", { count: turnedAway })]),
    ...falseActions.map((each) => translate("drill.false-action", actionText(each, translate))),
    ...wrongActions.map((each) => translate("drill.wrong-action", actionText(each, translate))),
  ];
}

function actionText(
  judged: FaultSummary["falseActions"][number],
  translate: Translate,
): { readonly action: string; readonly subject: string; readonly reason: string } {
  const { action, subject } = judged;
  if (action === "stop") {
    return { action: translate("drill.stop"), subject, reason: translate("drill.asked-to-end") };
  }
  const name = translate.composed({ key: `rung.${action}`, values: {} }) ?? action;
  return { action: name, subject, reason: fieldText(judged, "reason", translate) };
}

const TIMES = new Set(["detect", "act", "traffic", "away", "capacity", "afterUndo", "ended", "stream"]);

/** `traffic: 2.1 s, at most 100 ms`. */
export function targetText(verdict: FaultSummary["targets"][number], translate: Translate): string {
  const { target, limit, seen } = verdict;
  const text = (value: number | string): string => {
    if (typeof value === "string") return value;
    return TIMES.has(target) ? durationText(value) : figureText(value);
  };
  const what = translate(`drill.target.${target}`);
  if (target === "incident")
    return translate("drill.target-word", {
      what,
      limit: classNames(String(limit), translate),
      seen: classNames(String(seen ?? "-"), translate),
    });
  if (target === "goodput")
    return translate("drill.target-least", { what, limit: shareText(Number(limit)), seen: shareText(Number(seen)) });
  return seen === undefined
    ? translate("drill.target-never", { what, limit: text(limit) })
    : translate("drill.target-missed", { what, limit: text(limit), seen: text(seen) });
}

/** Classes of incidents, separated by commas; a dash where there is none. */
function classNames(list: string, translate: Translate): string {
  const names = list.split(", ").map((name) => {
    const known = INCIDENT_CLASSES.find((each) => each === name);
    return known === undefined ? name : translate(`incident-class.${known}`);
  });
  return names.join(", ");
}
