// Release against release, for every service: which program is to serve, and what the gateway saw of each. What is compared, and how, stands in
// traffic/detect.
import type { RequestEvidence } from "@flyball/core";
import {
  addRelease,
  createReleaseWatch,
  findRelease,
  followRelease,
  isUndecided,
  type Finding,
} from "@flyball/traffic";
import type { ControlContext } from "../control-context.ts";
import { workloadOf } from "../desired/workload-of.ts";
import type { Instance } from "../observe/instance.ts";
import { HEALING_ACTOR } from "../recover/situation-of.ts";
import type { Suspect } from "./suspect.ts";

/** Hears which program each service is to run now. Once a pass, before its evidence. */
export function followReleases(context: ControlContext): void {
  const { state, settings, clock } = context;
  const spec = context.effective() === undefined ? undefined : state.revision?.spec;
  if (spec === undefined) return;
  const isRollBack = state.revision?.author === HEALING_ACTOR;
  for (const service of Object.values(spec.services)) {
    const hash = workloadOf(spec, service, settings)?.specHash;
    if (hash === undefined || service.kind === "job") continue;
    const watch = state.releases.get(service.name) ?? createReleaseWatch(service.name);
    state.releases.set(service.name, watch);
    followRelease(watch, { hash, isRollBack, now: clock.now() });
  }
  for (const name of state.releases.keys()) if (spec.services[name] === undefined) state.releases.delete(name);
}

/** Adds what the gateway saw of an instance. */
export function addToRelease({ state }: ControlContext, { service, specHash }: Instance, seen: RequestEvidence): void {
  const watch = state.releases.get(service);
  if (watch !== undefined) addRelease(watch, seen, specHash);
}

/** Releases that are bad, by service. */
export function findReleases({ state }: ControlContext): readonly Finding[] {
  return [...state.releases.values()].flatMap((watch) => findRelease(watch));
}

/** What requests show of an instance of the new program while it is not decided whether the release is bad: it is suspected again soon, if at all. */
export function isOfOpenRelease(context: ControlContext, { class: kind, subject }: Suspect): boolean {
  if ((kind !== "failed-requests" && kind !== "bad-output") || subject.handle === undefined) return false;
  const { hash } = context.state.releases.get(subject.service) ?? {};
  const instance = context.state.table.find(subject.handle);
  return instance?.specHash === hash && isReleaseOpen(context, subject.service);
}

/** Too early to say whether failures of the service's instances are those of its release. */
function isReleaseOpen({ state, clock }: ControlContext, service: string): boolean {
  const watch = state.releases.get(service);
  return watch !== undefined && isUndecided(watch, clock.now());
}

/** An instance of the old program stays while the new one is under suspicion: for some seconds, then the release goes on or back. */
export function isHeldByRelease(context: ControlContext, instance: Instance | undefined): boolean {
  if (instance === undefined || instance.phase !== "ready" || context.state.isStopping) return false;
  const { hash } = context.state.releases.get(instance.service) ?? {};
  return hash !== undefined && instance.specHash !== hash && isReleaseOpen(context, instance.service);
}
