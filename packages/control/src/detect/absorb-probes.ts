// What probes said: instances become ready or unhealthy. An unhealthy instance opens an incident and is due for a restart by the same
// back-off as a crash; a stateful one is never killed by the loop, so there a person is told.
import type { ProbeEvidence, ServiceSpec } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { backOffMs } from "../decide/restart-policy.ts";
import { workloadOf } from "../desired/workload-of.ts";
import { instanceName, isActive, type Instance } from "../observe/instance.ts";
import { endWaiting, storedSlot } from "../observe/slot.ts";
import { composeText, storedText } from "../texts/compose-text.ts";
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
  const verdict = probeVerdict(instance, healthcheck, evidence);
  instance.lastProbe = evidence;
  instance.failedProbes = verdict.failedProbes;
  if (verdict.phase === before) return;
  if (verdict.phase === "ready") {
    becomeReady(context, instance);
    return;
  }
  instance.phase = verdict.phase;
  context.store.instances.put({ handle: instance.handle, phase: verdict.phase });
  if (verdict.phase === "unhealthy")
    reportUnhealthy(context, { service, instance, evidence, failures: verdict.failedProbes });
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
  const incident = context.incidents.find({ service: instance.service, ordinal: instance.ordinal });
  const { readyAt } = instance;
  if (incident !== undefined) {
    context.incidents.update(incident.id, (known) => ({ ...known, state: "recovering", capacityRecoveredAt: readyAt }));
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

function reportUnhealthy(
  context: ControlContext,
  facts: { service: ServiceSpec; instance: Instance; evidence: ProbeEvidence; failures: number },
): void {
  const { service, instance, evidence, failures } = facts;
  const name = instanceName(instance);
  const transcript = storedText(evidence, "transcript");
  const lastGood = instance.lastGoodAt ?? evidence.at;
  const incident = context.incidents.report({
    class: instance.wasReady ? "failed-health" : "start-failed",
    subject: { service: instance.service, ordinal: instance.ordinal, handle: instance.handle },
    revision: instance.revision,
    began: { lastGood: Math.min(lastGood, evidence.at), firstBad: evidence.at, source: "evidence" },
    summary: composeText("probe.failed-in-a-row", { instance: name, failures }),
    evidence: transcript,
    source: "probe",
  });
  if (service.kind === "stateful") {
    const reason = composeText("action.stateful-try", { service: instance.service });
    context.incidents.act(incident.id, { action: "advise", reason });
    return;
  }
  const slot = context.state.table.slot(instance.service, instance.ordinal);
  const crashes = slot.history.crashes + 1;
  const delayMs = backOffMs(service.restart, crashes, context.random);
  slot.history = { ...slot.history, crashes };
  slot.isCrashLoop = crashes >= service.restart.crashLoopAfter;
  slot.isExcused = false;
  slot.handle = instance.handle;
  slot.restartAt = context.clock.now() + delayMs;
  slot.reason = composeText("probe.failed", { instance: name, failures, transcript });
  context.store.slots.put(storedSlot(slot));
  const reason = composeText("action.restart-in", { reason: slot.reason, delayMs });
  context.incidents.act(incident.id, { action: "restart", reason });
}
