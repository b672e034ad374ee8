// What healing keeps between passes. Only what is cheap to lose or can be had again from incidents: where each stands on its ladder is in the incident.
import type { Incident } from "@flyball/core";
import type { DoneAction } from "../decide/situation.ts";

/** Mutable. */
export interface Healing {
  /** What was done in the last hour, oldest first. */
  done: DoneAction[];
  /** Until this wall time control has no vote: it was late itself. */
  doubtUntil: number;
  /** When the fault of an open incident was seen last, by the incident's id. */
  readonly seenAt: Map<string, number>;
}

/** Starts in places that were empty: they take nothing from anybody and count for nothing. */
const EMPTY_PLACES: ReadonlySet<string> = new Set(["process-exit", "start-failed", "crash-loop", "job-failed"]);
const HOUR_MS = 3_600_000;

/** Takes up what was done before a restart of control. */
export function createHealing(incidents: readonly Incident[], now: number): Healing {
  const done = incidents
    .flatMap((incident) => doneIn(incident))
    .filter(({ at }) => at > now - HOUR_MS)
    .toSorted((a, b) => a.at - b.at);
  return { done, doubtUntil: 0, seenAt: new Map() };
}

/** Forgets what is older than an hour, and incidents that are over. */
export function forgetOld(healing: Healing, open: readonly Incident[], now: number): void {
  if ((healing.done[0]?.at ?? now) <= now - HOUR_MS) healing.done = healing.done.filter(({ at }) => at > now - HOUR_MS);
  for (const id of healing.seenAt.keys()) if (!open.some((incident) => incident.id === id)) healing.seenAt.delete(id);
}

function doneIn({ class: kind, subject, actions }: Incident): readonly DoneAction[] {
  if (EMPTY_PLACES.has(kind)) return [];
  const { service, ordinal } = subject;
  return actions.flatMap(({ at, rung, isAdvice }) =>
    rung === undefined || rung === "ask" || isAdvice === true
      ? []
      : [{ at, service, rung, ...(ordinal === undefined ? {} : { ordinal }) }],
  );
}
