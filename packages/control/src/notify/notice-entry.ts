// What a notice says of an incident.
import { faultRecoveryTime, type Incident } from "@flyball/core";
import { storedText, verbatim } from "../texts/compose-text.ts";
import type { NoticeEntry } from "./notice.ts";
import { severityOf } from "./severity.ts";

/** The entry of an incident as it stands; `key` is that of its thread. */
export function noticeEntry(incident: Incident, key: string): NoticeEntry {
  const { subject } = incident;
  const lastAction = incident.actions.at(-1);
  const times = faultRecoveryTime(incident);
  const isOver = incident.state === "recovered" || incident.state === "closed";
  const endedAt = incident.recoveredAt ?? (isOver ? lastAction?.at : undefined) ?? incident.detectedAt;
  return {
    key,
    incident: incident.number,
    class: incident.class,
    severity: severityOf(incident.class),
    service: subject.service,
    subject: placeOf(subject),
    startedAt: incident.began.firstBad,
    ...(isOver ? { endedAt } : {}),
    ...(incident.state === "closed" ? { isClosed: true } : {}),
    summary: storedText(incident, "summary"),
    ...(lastAction === undefined ? {} : { done: storedText(lastAction, "reason") ?? verbatim(lastAction.action) }),
    detectionMs: times.detectionMs,
    ...(isOver && times.totalMs !== undefined ? { totalMs: times.totalMs } : {}),
    dependants: (incident.dependants ?? []).map(placeOf),
  };
}

/** What an incident is about and of which class: the same fault at the same place again has the same key. */
export function threadKey({ class: incidentClass, subject }: Incident): string {
  return `${placeOf(subject)}:${incidentClass}`;
}

function placeOf({ service, ordinal }: { readonly service: string; readonly ordinal?: number }): string {
  return ordinal === undefined ? service : `${service}/${ordinal}`;
}
