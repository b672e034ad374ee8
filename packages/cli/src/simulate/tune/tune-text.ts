// What `flyball tune` found, in words: now and proposed side by side, then the manifest's difference.
import type { Translate } from "../../messages/translate.ts";
import type { Style } from "../../output/style.ts";
import { renderTable } from "../../output/table.ts";
import { durationText, figureText, shareText } from "../../render/number-text.ts";
import type { FieldChange } from "./propose-changes.ts";
import type { TuneFound, TuneLook } from "./tune-search.ts";

/** What there is to say. */
export interface TuneReport {
  readonly service: string;
  readonly engine: string;
  readonly profile: string;
  readonly attainment: number;
  readonly found: TuneFound;
  readonly changes: readonly FieldChange[];
  /** Empty where nothing is proposed, or where the file does not hold the fields. */
  readonly diff: string;
}

/** The report. X is what goes through, R how long it stays, N = X × R what is in the system (Little). */
export function tuneText(report: TuneReport, translate: Translate, style: Style): string {
  const { service, engine, profile, attainment, found, changes, diff } = report;
  const { before, after, runs, isWhole } = found;
  const head = [
    "",
    translate("column.instances"),
    translate("tune.concurrency-column"),
    translate("tune.chunk-column"),
    "X",
    "R",
    "N = X × R",
    "TTFT P95",
    "ITL P95",
    translate("simulate.good-column"),
    translate("simulate.hours-column"),
  ];
  const rows = [
    rowOf(translate("tune.now"), before),
    ...(changes.length > 0 ? [rowOf(translate("tune.proposed"), after)] : []),
  ];
  const isKept = after.result.goodShare >= attainment;
  return [
    translate("tune.title", { service, engine, profile, runs }),
    "",
    renderTable(head, rows, style),
    "",
    translate("tune.legend"),
    ...(isKept ? [] : [style.yellow(translate("tune.not-kept", { share: shareText(attainment), runs }))]),
    ...(changes.length === 0 ? [translate(isWhole ? "tune.best-of-all" : "tune.nothing-better")] : []),
    ...(changes.length > 0 ? ["", ...changes.map(({ field, from, to }) => `${field}: ${from ?? "-"} → ${to}`)] : []),
    ...(diff === "" ? [] : ["", colourDiff(diff, style)]),
  ].join("\n");
}

function rowOf(name: string, { settings, result }: TuneLook): readonly string[] {
  const { flow } = result;
  return [
    name,
    String(settings.replicas),
    String(settings.concurrency),
    String(settings.chunk),
    `${figureText(flow.requestsPerSecond)}/s`,
    durationText(flow.latencyMs),
    figureText((flow.requestsPerSecond * flow.latencyMs) / 1_000),
    durationText(result.ttft.p95),
    durationText(result.itl.p95),
    shareText(result.goodShare),
    figureText(result.replicaHours),
  ];
}

function colourDiff(diff: string, style: Style): string {
  const paint = (line: string): string => {
    if (/^(---|\+\+\+)/.test(line)) return style.bold(line);
    if (line.startsWith("-")) return style.red(line);
    if (line.startsWith("+")) return style.green(line);
    return line.startsWith("@@") ? style.cyan(line) : line;
  };
  return diff.split("\n").map(paint).join("\n");
}
