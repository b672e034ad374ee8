// What probes said: instances become ready or unhealthy. Whose fault it is that one is unhealthy, and what is done about it, is said elsewhere.
import type { Incident, ProbeEvidence } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { workloadOf } from "../desired/workload-of.ts";
import { instanceName, isActive, type Instance } from "../observe/instance.ts";
import { endWaiting, storedSlot } from "../observe/slot.ts";
import { isAboutPlace } from "../recover/is-about-place.ts";
import { composeText } from "../texts/compose-text.ts";
import { startElsewhere } from "./lost-port.ts";
import { probeVerdict } from "./probe-verdict.ts";

/** Works through the probes of this pass. */
export function absorbProbes(context: ControlContext): void {
  for (const evidence of context.state.inbox.probes.splice(0)) {
    const instance = context.state.table.find(evidence.handle);
    if (instance !== undefined && isActive(instance)) absorbProbe(context, instance, evidence);
  }
}

/** Without a check, an instance counts as ready when it has lived this long: one that crashes at once never does. */
const UNPROBED_READY_MS = 1_000;

/** Makes instances ready whose service has no check. */
export function absorbUnprobed(context: ControlContext): void {
  const spec = context.effective()?.spec;
  for (const instance of context.state.table.all()) {
    const service = spec?.services[instance.service];
    if (instance.phase !== "starting" || spec === undefined || service === undefined || service.kind === "job")
      continue;
    if (workloadOf(spec, service, context.settings)?.healthcheck !== undefined) continue;
    if (context.clock.now() - instance.startedAt >= UNPROBED_READY_MS) becomeReady(context, instance);
  }
}

function absorbProbe(context: ControlContext, instance: Instance, evidence: ProbeEvidence): void {
  const spec = context.effective()?.spec;
  const service = spec?.services[instance.service];
  const healthcheck = spec && service && workloadOf(spec, service, context.settings)?.healthcheck;
  if (service === undefined || healthcheck === undefined) return;
  const before = instance.phase;
  const { stranger } = evidence;
  if (before === "starting" && stranger !== undefined && startElsewhere(context, { service, instance, stranger }))
    return;
  const isStopped = evidence.isStopped === true;
  // Something came back in a request meanwhile: it is busy, not gone.
  if (evidence.isSilent === true && !isStopped && instance.lastSignAt > evidence.at - healthcheck.intervalMs) return;
  if (evidence.isSilent !== true) instance.lastSignAt = evidence.at;
  const verdict = probeVerdict(instance, healthcheck, evidence);
  instance.lastProbe = evidence;
  instance.isStopped = isStopped;
  instance.failedProbes = verdict.failedProbes;
  instance.silentProbes = evidence.isSilent === true ? instance.silentProbes + 1 : 0;
  if (evidence.isHealthy) delete instance.unhealthySince;
  else if (verdict.failedProbes > 0) instance.unhealthySince ??= evidence.at;
  if (verdict.phase === before) return;
  if (verdict.phase === "ready") {
    becomeReady(context, instance);
    return;
  }
  instance.phase = verdict.phase;
  context.store.instances.put({ handle: instance.handle, phase: verdict.phase });
}

function becomeReady(context: ControlContext, instance: Instance): void {
  const isFirstTime = !instance.wasReady;
  instance.phase = "ready";
  instance.readyAt = context.clock.now();
  instance.wasReady = true;
  instance.failedProbes = 0;
  context.store.instances.put({ handle: instance.handle, phase: "ready", readyAt: instance.readyAt });
  const slot = context.state.table.slot(instance.service, instance.ordinal);
  if (slot.handle === instance.handle || slot.handle === undefined) {
    endWaiting(slot);
    context.store.slots.put(storedSlot(slot));
  }
  if (isFirstTime) restartDependants(context, instance, slot.restarts > 0);
  for (const incident of context.incidents.open()) {
    if (isAboutPlace(incident, instance)) becomeRecovering(context, incident, instance);
  }
  endWaitsFor(context, instance.service);
}

function becomeRecovering({ incidents }: ControlContext, { id, subject }: Incident, instance: Instance): void {
  const { service, ordinal, handle, readyAt } = instance;
  if (readyAt === undefined) return;
  // An instance that was started for it in another place: from now on the incident is about that one.
  const isElsewhere = subject.ordinal !== undefined && subject.ordinal !== ordinal;
  if (isElsewhere && incidents.find({ service, ordinal }) !== undefined) return;
  const moved = subject.ordinal === undefined ? subject : { service, ordinal, handle };
  incidents.update(id, (known) => ({
    ...known,
    subject: moved,
    state: "recovering",
    capacityRecoveredAt: known.capacityRecoveredAt ?? readyAt,
  }));
  if (isElsewhere) {
    const text = composeText("action.taken-over", { instance: instanceName(instance) });
    incidents.note(id, { source: "control", text });
  }
}

/** What it needs is back: a service that waits out its crashes is tried at once, for the cause of them may be gone. */
function endWaitsFor(context: ControlContext, service: string): void {
  const { state, clock } = context;
  const now = clock.now();
  for (const { name, dependsOn } of Object.values(context.effective()?.spec.services ?? {})) {
    if (!dependsOn.some((dependency) => dependency.service === service)) continue;
    for (const slot of state.table.slotsOf(name)) {
      const isAwaited = slot.handle !== undefined && state.table.find(slot.handle)?.phase === "exited";
      if (isAwaited && slot.restartAt !== undefined && slot.restartAt > now) slot.restartAt = now;
    }
  }
}

/** A dependency that was restarted or replaced takes those along that asked for it (`depends_on: { x: { restart: true } }`). */
function restartDependants(context: ControlContext, instance: Instance, wasRestarted: boolean): void {
  const { everReady, table } = context.state;
  const { service, specHash } = instance;
  const services = context.effective()?.spec.services ?? {};
  const isReplacement = table
    .of(service)
    .some((other) => isActive(other) && (other.isToBeReplaced || other.specHash !== specHash));
  const isAnew = everReady.has(service) && (wasRestarted || isReplacement || services[service]?.kind === "stateful");
  everReady.add(service);
  if (!isAnew) return;
  for (const dependant of Object.values(services)) {
    const follows = dependant.dependsOn.some(
      (dependency) => dependency.service === service && dependency.restartsWithDependency,
    );
    if (!follows) continue;
    for (const other of table.of(dependant.name)) if (isActive(other)) other.isToBeReplaced = true;
  }
}
