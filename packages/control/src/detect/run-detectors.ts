// From what is suspected to incidents, once a pass: two judges over all detectors (self-doubt, mass loss), then causes, then the book. Nothing is done
// about anything here.
import type { Incident, IncidentClass } from "@flyball/core";
import { acquitFailures } from "@flyball/traffic";
import type { ControlContext } from "../control-context.ts";
import { isActive } from "../observe/instance.ts";
import { composeText } from "../texts/compose-text.ts";
import { callOff } from "./call-off.ts";
import { findCauses, type Cause, type CauseInput, type ServiceHealth } from "./causes.ts";
import { judgeUnreachable } from "./judge-unreachable.ts";
import { saysMore } from "./incident-book.ts";
import { judgeMassLoss } from "./mass-loss.ts";
import type { Suspect } from "./suspect.ts";
import { needsOfAll, outsidePlaces } from "./outside.ts";
import { servicesDown } from "./services-down.ts";
import { suspectsOfFindings, suspectsOfProbes } from "./suspects-of.ts";
import { isOfOpenRelease } from "./watch-releases.ts";

/** What just came back may not have reached those that need it: their faults still follow from its. */
const AFTERMATH_MS = 5_000;
/** So long the cause behind a service has to show. */
const CAUSE_MS = 1_500;
const OF_REQUESTS: ReadonlySet<IncidentClass> = new Set([
  "failed-requests",
  "stuck-requests",
  "stuck-streams",
  "slow",
  "bad-output",
]);

/** Opens, extends and joins incidents. */
export function runDetectors(context: ControlContext): void {
  const { state, clock } = context;
  const reported = state.suspects.splice(0);
  if (state.isStopping || context.effective() === undefined) return;
  // A loop that was late has no vote. What goes on is suspected again.
  if (clock.now() < state.healing.doubtUntil) return;
  const spec = context.effective()?.spec;
  const needs = spec === undefined ? new Map<string, readonly string[]>() : needsOfAll(spec);
  const isEarly = (suspect: Suspect): boolean =>
    isOfOpenRelease(context, suspect) || isBeforeCause(context, suspect, needs);
  // Looked at again with the next pass.
  state.suspects.push(...reported.filter(isEarly));
  const suspects = [...reported, ...suspectsOfProbes(context), ...suspectsOfFindings(context)].filter(
    (suspect) => !isEarly(suspect),
  );
  const seen = judgeMassLoss(context, judgeUnreachable(context, suspects));
  if (seen.length === 0) return;
  const { causes, following, innocent } = findCauses(causeInput(context, seen));
  for (const cause of causes) report(context, cause);
  for (const { incident, dependants } of following) context.incidents.follow(incident, dependants);
  for (const suspect of innocent) acquit(context, suspect);
}

/** What causes are found from. */
export function causeInput(context: ControlContext, suspects: readonly Suspect[]): CauseInput {
  const { state, incidents, clock } = context;
  const spec = context.effective()?.spec;
  const health = new Map<string, ServiceHealth>();
  for (const { subject } of spec === undefined ? [] : outsidePlaces(spec).values())
    if (subject.kind !== undefined) health.set(subject.service, { ready: [], isExternal: true });
  for (const { name, external } of Object.values(spec?.services ?? {})) {
    const ready = state.table.of(name).filter(({ phase }) => phase === "ready");
    health.set(name, { ready: ready.map(({ ordinal }) => ordinal), isExternal: external !== undefined });
  }
  const stillFelt = (incident: Incident): Incident =>
    incident.state === "recovering" && clock.now() - (incident.capacityRecoveredAt ?? 0) < AFTERMATH_MS
      ? { ...incident, state: "open" }
      : incident;
  return {
    suspects,
    open: incidents.open().map(stillFelt),
    needs: spec === undefined ? new Map() : needsOfAll(spec),
    health,
    down: servicesDown(context),
  };
}

function report(context: ControlContext, { suspect, dependants, absorbs }: Cause): void {
  const { incidents, state, clock } = context;
  const known = incidents.find(suspect.subject);
  const incident = known === undefined || isNews(known, suspect) ? incidents.report({ ...suspect, dependants }) : known;
  incidents.follow(incident.id, dependants);
  state.healing.seenAt.set(incident.id, clock.now());
  for (const id of absorbs)
    if (id !== incident.id) incidents.close(id, composeText("action.part-of", { number: incident.number }));
}

/**
 * What requests show of a service that needs others is held for a moment: when one of those fails, its callers may be seen to fail first, and nothing is to
 * be done to them.
 */
function isBeforeCause(
  { clock, incidents }: ControlContext,
  { class: kind, subject, began }: Suspect,
  needs: ReadonlyMap<string, readonly string[]>,
): boolean {
  if (!OF_REQUESTS.has(kind) || (needs.get(subject.service)?.length ?? 0) === 0) return false;
  return clock.now() - began.firstBad < CAUSE_MS && incidents.find(subject) === undefined;
}

/** Said once for each kind of sign; again when the place was well in between. */
function isNews(known: Incident, { class: kind, evidence }: Suspect): boolean {
  if (known.state === "recovering" || known.dataMissingSince !== undefined) return true;
  if (known.class === kind) return false;
  if (saysMore(kind, known.class)) return true;
  return !known.evidence.some(({ composed, text }) =>
    composed?.text === undefined ? text === evidence.values["text"] : composed.text.key === evidence.key,
  );
}

/** What fails because of another proves nothing about itself. */
function acquit(context: ControlContext, { subject }: Suspect): void {
  const { state, incidents } = context;
  for (const instance of state.table.of(subject.service)) {
    const failures = isActive(instance) ? state.requestFailures.get(instance.handle) : undefined;
    if (failures?.isFault === true) acquitFailures(failures);
  }
  for (const early of [incidents.find(subject), incidents.find({ service: subject.service })])
    if (early !== undefined) callOff(context, early, composeText("action.follows"));
}
