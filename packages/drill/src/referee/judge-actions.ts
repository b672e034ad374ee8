// What control did about it: which incident names the cause, when it was seen, decided and acted on, and what was done to those who had nothing.
import type { AppEvent, Composed, Incident, IncidentAction, IncidentSubject } from "@flyball/core";
import type { FaultDefinition, WrongAction } from "../fault.ts";
import type { VictimRecord } from "./run-record.ts";

/** Something that was done, and to whom. */
export interface JudgedAction extends Composed<"reason"> {
  readonly at: number;
  readonly action: string;
  /** `language/1`, `language`. */
  readonly subject: string;
  /** Empty of an end that stands in no incident. */
  readonly reason: string;
}

/** Times from the injection in milliseconds; absent ones did not come. */
export interface ActionVerdict {
  /** Number of the incident that names the cause. */
  readonly incident?: number;
  readonly incidentClass?: string;
  readonly detectedMs?: number;
  readonly decidedMs?: number;
  readonly actedMs?: number;
  readonly recoveredMs?: number;
  /** Done to anybody but the victim, or in a run without a fault. */
  readonly falseActions: readonly JudgedAction[];
  /** Done to the victim's service although the fault says that it would be wrong. */
  readonly wrongActions: readonly JudgedAction[];
  /** Incidents that name somebody who had nothing. */
  readonly falseIncidents: readonly number[];
}

/** What to judge; without `victim` nothing was injected. */
export interface ActionQuestion {
  readonly incidents: readonly Incident[];
  readonly events: readonly AppEvent[];
  readonly injectedAt: number;
  readonly fault?: FaultDefinition | undefined;
  readonly victim?: VictimRecord | undefined;
}

/** These harm nobody: a second try, giving back what was taken, and words. An incident that is closed as another's is a word too. */
const HARMLESS = new Set(["retry", "readmit", "advise", "ask", "close"]);
const DESTRUCTIVE: ReadonlySet<string> = new Set(["restart", "replace", "move", "roll-back"]);

/** Joins incidents and events with what was injected. */
export function judgeActions(question: ActionQuestion): ActionVerdict {
  const { incidents, injectedAt, fault, victim } = question;
  const later = incidents.filter(({ detectedAt }) => detectedAt >= injectedAt);
  const isAbout = ({ subject }: Incident): boolean => victim !== undefined && isVictim(subject, victim);
  const expected = fault?.expect.incidents ?? [];
  const ofVictim = later.filter(isAbout).toSorted((a, b) => a.detectedAt - b.detectedAt);
  const cause = ofVictim.find((incident) => expected.includes(incident.class)) ?? ofVictim[0];
  const all = incidents.flatMap((incident) => actionsOf(incident).map((action) => ({ incident, action })));
  const harmful = all.filter(({ action }) => !HARMLESS.has(action.rung ?? action.action) && action.isAdvice !== true);
  const since = (at: number | undefined): number | undefined =>
    at === undefined ? undefined : Math.max(0, at - injectedAt);
  const falseOnes = harmful.filter(({ incident }) => !isAbout(incident)).map(judged);
  return {
    ...(cause === undefined ? {} : { incident: cause.number, incidentClass: cause.class }),
    ...timesOf(cause, since),
    falseActions: [...falseOnes, ...restartsOfOthers(question, falseOnes)],
    wrongActions: harmful
      .filter(({ incident, action }) => isAbout(incident) && isWrong(action, fault?.expect.never ?? []))
      .map(judged),
    falseIncidents: incidents.filter((incident) => !isAbout(incident)).map(({ number }) => number),
  };
}

function actionsOf({ actions }: Incident): readonly IncidentAction[] {
  return actions;
}

function timesOf(
  cause: Incident | undefined,
  since: (at: number | undefined) => number | undefined,
): Pick<ActionVerdict, "detectedMs" | "decidedMs" | "actedMs" | "recoveredMs"> {
  const times = {
    detectedMs: since(cause?.detectedAt),
    decidedMs: since(cause?.decidedAt),
    actedMs: since(cause?.actedAt),
    recoveredMs: since(cause?.recoveredAt),
  };
  return Object.fromEntries(Object.entries(times).filter(([, value]) => value !== undefined));
}

function judged({ incident, action }: { incident: Incident; action: IncidentAction }): JudgedAction {
  return {
    at: action.at,
    action: action.rung ?? action.action,
    subject: subjectText(incident.subject),
    reason: action.reason,
    ...(action.composed?.reason === undefined ? {} : { composed: { reason: action.composed.reason } }),
  };
}

function isWrong({ rung, action }: IncidentAction, never: readonly WrongAction[]): boolean {
  const name = rung ?? action;
  if (never.includes("any")) return name !== "eject" && name !== "retry";
  return never.some((wrong) => wrong === name);
}

/** Ends that were asked for, of instances that had nothing: an action that stands in no incident. */
function restartsOfOthers({ events, victim }: ActionQuestion, known: readonly JudgedAction[]): readonly JudgedAction[] {
  return events.flatMap((event) => {
    if (event.event !== "instance-exited" || !event.exit.wasRequested) return [];
    const [service = "", ordinal = ""] = event.instance.split("/");
    if (victim !== undefined && isVictim({ service, ordinal: Number(ordinal) }, victim)) return [];
    if (known.some(({ action, subject }) => DESTRUCTIVE.has(action) && subject === event.instance)) return [];
    return [{ at: event.at, action: "stop", subject: event.instance, reason: "" }];
  });
}

function isVictim({ service, ordinal }: IncidentSubject, victim: VictimRecord): boolean {
  if (victim.isWholeApp) return true;
  if (service !== victim.service) return false;
  return ordinal === undefined || victim.ordinals === undefined || victim.ordinals.includes(ordinal);
}

function subjectText({ service, ordinal }: IncidentSubject): string {
  return ordinal === undefined ? service : `${service}/${ordinal}`;
}
