// Incidents as a table and one of them in full. FRT never stands alone: the window that recovery had to hold stands beside it.
import { faultRecoveryTime, type Incident, type IncidentSubject } from "@flyball/core";
import { fieldText } from "../messages/field-text.ts";
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { formatDuration } from "./duration.ts";
import { formatExactMoment, formatMoment } from "./moment.ts";

/** The list, newest first. */
export function renderIncidents(incidents: readonly Incident[], translate: Translate, style: Style): string {
  if (incidents.length === 0) return translate("incidents.none");
  const head = [
    translate("column.number"),
    translate("column.class"),
    translate("column.subject"),
    translate("column.began"),
    translate("column.detection"),
    translate("column.recovery"),
    translate("column.frt"),
    translate("column.state"),
  ];
  const rows = incidents.map((incident) => {
    const time = faultRecoveryTime(incident);
    return [
      String(incident.number),
      translate(`incident-class.${incident.class}`),
      subjectName(incident.subject),
      formatMoment(incident.began.firstBad),
      formatDuration(time.detectionMs),
      durationOrDash(time.recoveryMs),
      frtWithWindow(incident, time.totalMs, translate),
      incidentState(incident, translate, style),
    ];
  });
  return renderTable(head, rows, style);
}

/** Times, evidence and actions of one incident. */
export function renderIncident(incident: Incident, translate: Translate, style: Style): string {
  const time = faultRecoveryTime(incident);
  const facts: readonly (readonly [string, string])[] = [
    [translate("column.class"), translate(`incident-class.${incident.class}`)],
    [translate("column.subject"), subjectName(incident.subject)],
    [translate("column.state"), incidentState(incident, translate, style)],
    ...dependantsRow(incident, translate),
    [translate("incident.revision"), String(incident.revision)],
    [
      translate("column.began"),
      translate("incident.began", {
        lastGood: formatExactMoment(incident.began.lastGood),
        firstBad: formatExactMoment(incident.began.firstBad),
        source: translate(`incident-source.${incident.began.source}`),
      }),
    ],
    [translate("incident.detected"), formatExactMoment(incident.detectedAt)],
    [translate("incident.decided"), momentOrDash(incident.decidedAt)],
    [translate("incident.acted"), momentOrDash(incident.actedAt)],
    [translate("incident.recovered"), momentOrDash(incident.recoveredAt)],
    [translate("column.detection"), formatDuration(time.detectionMs)],
    [translate("column.recovery"), durationOrDash(time.recoveryMs)],
    [translate("column.frt"), frtWithWindow(incident, time.totalMs, translate)],
    [translate("incident.traffic-frt"), durationOrDash(time.trafficMs)],
    [translate("incident.capacity-frt"), durationOrDash(time.capacityMs)],
  ];
  const evidence = incident.evidence.map((entry) =>
    entryLine(entry.at, `${entry.source}: ${fieldText(entry, "text", translate)}`),
  );
  const actions = incident.actions.map((entry) => {
    const result = fieldText(entry, "result", translate);
    const reason = fieldText(entry, "reason", translate);
    return entryLine(entry.at, `${entry.action}: ${reason}${result === undefined ? "" : ` → ${result}`}`);
  });
  return [
    style.bold(
      translate("incident.title", { number: incident.number, summary: fieldText(incident, "summary", translate) }),
    ),
    renderTable(["", ""], facts, style)
      .split("\n")
      .slice(1)
      .map((line) => `  ${line}`)
      .join("\n"),
    translate("incident.evidence"),
    ...(evidence.length === 0 ? ["  -"] : evidence),
    translate("incident.actions"),
    ...(actions.length === 0 ? ["  -"] : actions),
  ].join("\n");
}

/** A time with what was seen or done; further lines of it stand indented below. */
function entryLine(at: number, text: string): string {
  return `  ${formatExactMoment(at)}  ${text.replaceAll("\n", "\n      ")}`;
}

/** `language/1`, or the service when the incident is about all of it. */
export function subjectName(subject: IncidentSubject): string {
  return subject.ordinal === undefined ? subject.service : `${subject.service}/${subject.ordinal}`;
}

function dependantsRow({ dependants }: Incident, translate: Translate): readonly (readonly [string, string])[] {
  return dependants === undefined ? [] : [[translate("incident.dependants"), dependants.map(subjectName).join(", ")]];
}

/** FRT with the window that recovery had to hold; a dash while it lasts. */
export function frtWithWindow(incident: Incident, totalMs: number | undefined, translate: Translate): string {
  if (totalMs === undefined) return "-";
  return translate("incident.frt", { total: formatDuration(totalMs), window: formatDuration(incident.goodWindowMs) });
}

function incidentState({ state, dataMissingSince }: Incident, translate: Translate, style: Style): string {
  if (state === "open" && dataMissingSince !== undefined) {
    return style.yellow(`? ${translate("incident-state.no-data", { since: formatMoment(dataMissingSince) })}`);
  }
  const text = translate(`incident-state.${state}`);
  return state === "open" || state === "recovering" ? style.red(`✗ ${text}`) : style.green(`✓ ${text}`);
}

function momentOrDash(at: number | undefined): string {
  return at === undefined ? "-" : formatExactMoment(at);
}

function durationOrDash(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "-" : formatDuration(milliseconds);
}
