// An incident drawn as a line of time: each thing that was seen, decided and done at its distance from the first bad sign, with the silence in between.
// What is nearest to the line is its word, so it reads without colours too.
import { faultRecoveryTime, type Incident, type IncidentAction } from "@flyball/core";
import { fieldText } from "../messages/field-text.ts";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { formatDuration } from "./duration.ts";
import { formatExactMoment } from "./moment.ts";
import { frtWithWindow, subjectName } from "./render-incident.ts";

type Word =
  | "last-good"
  | "first-bad"
  | "seen"
  | "detected"
  | "decided"
  | "acted"
  | "advised"
  | "traffic"
  | "capacity"
  | "recovered";

interface Mark {
  readonly at: number;
  readonly word: Word;
  readonly text?: string | undefined;
}

const SIGNS: Readonly<Record<Word, string>> = {
  "last-good": "✓",
  "first-bad": "✗",
  seen: "·",
  detected: "!",
  decided: "?",
  acted: "▶",
  advised: "○",
  traffic: "✓",
  capacity: "✓",
  recovered: "✓",
};
/** Marks of one moment stand in the order of the loop. */
const ORDER = Object.keys(SIGNS);
const OFFSET_WIDTH = 12;
/** Silences of at least these lengths are drawn, the longer the further apart. */
const SILENCES_MS = [1_000, 10_000, 60_000];

/** The whole line. */
export function renderTimeline(incident: Incident, translate: Translate, style: Style): string {
  const start = incident.began.firstBad;
  const times = faultRecoveryTime(incident);
  const dash = (durationMs: number | undefined): string =>
    durationMs === undefined ? "-" : formatDuration(durationMs);
  const summary = fieldText(incident, "summary", translate);
  const { dependants } = incident;
  const head = [
    style.bold(translate("incident.title", { number: incident.number, summary })),
    translate("timeline.sum", {
      detection: formatDuration(times.detectionMs),
      recovery: dash(times.recoveryMs),
      frt: frtWithWindow(incident, times.totalMs, translate),
    }),
    ...(dependants === undefined
      ? []
      : [`${translate("incident.dependants")}: ${dependants.map(subjectName).join(", ")}`]),
    `${" ".repeat(OFFSET_WIDTH)} ${formatExactMoment(start)}`,
  ];
  const lines: string[] = [];
  let before: number | undefined;
  for (const mark of marksOf(incident, translate)) {
    for (const silence of SILENCES_MS)
      if (before !== undefined && mark.at - before >= silence) lines.push(silenceLine());
    lines.push(markLine(mark, start, translate));
    before = mark.at;
  }
  return [...head, ...lines].join("\n");
}

function marksOf(incident: Incident, translate: Translate): readonly Mark[] {
  const { began, detectedAt, decidedAt, trafficRecoveredAt, capacityRecoveredAt, recoveredAt } = incident;
  const moment = (word: Word, at: number | undefined): readonly Mark[] => (at === undefined ? [] : [{ at, word }]);
  const marks: readonly Mark[] = [
    ...moment("last-good", began.lastGood),
    ...moment("first-bad", began.firstBad),
    ...moment("detected", detectedAt),
    ...moment("decided", decidedAt),
    ...moment("traffic", trafficRecoveredAt),
    ...moment("capacity", capacityRecoveredAt),
    ...moment("recovered", recoveredAt),
    ...incident.evidence.map((entry) => ({
      at: entry.at,
      word: "seen" as const,
      text: `${entry.source}: ${fieldText(entry, "text", translate)}`,
    })),
    ...incident.actions.map((action) => ({
      at: action.at,
      word: action.isAdvice === true ? ("advised" as const) : ("acted" as const),
      text: actionText(action, translate),
    })),
  ];
  return marks.toSorted((a, b) => a.at - b.at || ORDER.indexOf(a.word) - ORDER.indexOf(b.word));
}

function actionText(action: IncidentAction, translate: Translate): string {
  const result = fieldText(action, "result", translate);
  const rest = [
    ...(action.next === undefined ? [] : [translate("timeline.next", { rung: action.next })]),
    ...(action.undo === undefined ? [] : [translate("timeline.undo", { command: action.undo })]),
  ];
  const done = `${action.rung ?? action.action}: ${fieldText(action, "reason", translate)}`;
  return [`${done}${result === undefined ? "" : ` → ${result}`}`, ...rest].join("\n");
}

function markLine({ at, word, text }: Mark, start: number, translate: Translate): string {
  const distance = at - start;
  const sign = distance < 0 ? "−" : "+";
  const offset = distance === 0 ? "0" : `${sign}${formatDuration(Math.abs(distance))}`;
  const [first, ...more] = (text ?? "").split("\n");
  const line = `${offset.padStart(OFFSET_WIDTH)} ${SIGNS[word]} ${translate(`timeline.${word}`)}${text === undefined ? "" : `  ${first ?? ""}`}`;
  return [line, ...more.map((further) => `${" ".repeat(OFFSET_WIDTH)} │     ${further}`)].join("\n");
}

function silenceLine(): string {
  return `${" ".repeat(OFFSET_WIDTH)} │`;
}
