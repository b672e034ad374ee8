// More than half of what was there stops answering at once: rather the observer is blind. One incident says so, nothing is done but by people, and no
// incident of a single place is opened. Exits are no such loss: they are told by whoever holds the processes.
import type { Incident } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { isActive } from "../observe/instance.ts";
import { composeText } from "../texts/compose-text.ts";
import { callOff } from "./call-off.ts";
import type { Suspect } from "./suspect.ts";

/** Subject of the incident: the whole app. */
export const WHOLE_APP = "*";
/** Of fewer instances, half is one or two: that happens. */
const LEAST_INSTANCES = 4;
const AT_ONCE_MS = 10_000;

/** Suspects without those that are part of a mass loss. */
export function judgeMassLoss(context: ControlContext, suspects: readonly Suspect[]): readonly Suspect[] {
  const silent = suspects.filter(({ class: kind }) => kind === "frozen" || kind === "unreachable");
  const there = context.state.table.all().filter((instance) => isActive(instance) && instance.wasReady).length;
  const known = context.incidents.find({ service: WHOLE_APP });
  const isLost = there >= LEAST_INSTANCES && silent.length * 2 > there && (known !== undefined || areAtOnce(silent));
  const now = context.clock.now();
  if (isLost) {
    const { id } = known ?? open(context, silent, there);
    context.state.healing.seenAt.set(id, now);
  } else if (known !== undefined) {
    // Those that come back do so one after the other: the last ones are not at fault yet.
    const isOver = silent.length === 0 || now - (context.state.healing.seenAt.get(known.id) ?? 0) > AT_ONCE_MS;
    if (isOver) context.incidents.recover(known.id, now);
    if (isOver) return suspects;
  } else {
    return suspects;
  }
  return suspects.filter((suspect) => !silent.includes(suspect));
}

function areAtOnce(silent: readonly Suspect[]): boolean {
  const begins = silent.map(({ began }) => began.firstBad);
  return Math.max(...begins) - Math.min(...begins) <= AT_ONCE_MS;
}

function open(context: ControlContext, silent: readonly Suspect[], there: number): Incident {
  const { incidents, state } = context;
  const text = composeText("mass-loss.seen", { lost: silent.length, all: there });
  const incident = incidents.report({
    class: "mass-loss",
    subject: { service: WHOLE_APP },
    revision: state.revision?.number ?? 0,
    began: {
      lastGood: Math.min(...silent.map(({ began }) => began.lastGood)),
      firstBad: Math.min(...silent.map(({ began }) => began.firstBad)),
      source: "evidence",
    },
    summary: text,
    evidence: text,
    source: "probe",
    dependants: [...new Set(silent.map(({ subject }) => subject.service))].map((service) => ({ service })),
  });
  for (const { subject } of silent) {
    const early = incidents.find(subject);
    if (early !== undefined) callOff(context, early, composeText("action.part-of", { number: incident.number }));
  }
  return incident;
}
