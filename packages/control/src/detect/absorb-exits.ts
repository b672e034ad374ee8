// An instance ended. Asked for: nothing to do. Not asked for: an incident, and the decision when its place is filled again. No incident is
// what the manifest allows for, and a port that somebody else took first.
import type { ComposedText, ExitStatus, InstanceObservation, ServiceSpec } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { decideRestart, describeExit, type RestartDecision } from "../decide/restart-policy.ts";
import { workloadOf } from "../desired/workload-of.ts";
import { instanceName, isOneOff, type Instance } from "../observe/instance.ts";
import { readLastLines } from "../observe/last-lines.ts";
import { storedSlot, type Slot } from "../observe/slot.ts";
import { firstRungs } from "../recover/first-rungs.ts";
import { jobKey } from "../reconcile/job-key.ts";
import { composeText, firstLineOf, textFields } from "../texts/compose-text.ts";
import { rootCause } from "./causes.ts";
import { causeInput } from "./run-detectors.ts";
import { startElsewhere, strangerAt } from "./lost-port.ts";

/** Works through the driver's events of this pass. */
export async function absorbDriverEvents(context: ControlContext): Promise<void> {
  const events = context.state.inbox.drivers.splice(0);
  for (const event of events) {
    const { instance } = context.state.table.upsert(event.instance);
    if (event.kind === "instance-exited") await absorbExit(context, instance, event.instance);
  }
}

/** Records one exit. Also called for exits that happened while control was away. */
export async function absorbExit(
  context: ControlContext,
  instance: Instance,
  observed: InstanceObservation,
): Promise<void> {
  if (observed.exit === undefined || instance.exit !== undefined) return;
  const phaseBefore = instance.phase;
  instance.exit = observed.exit;
  instance.phase = "exited";
  context.store.instances.put({ handle: instance.handle, phase: "exited" });
  context.emit({ event: "instance-exited", instance: instanceName(instance), exit: observed.exit });
  if (isOneOff(instance.service)) return;
  const wasAsked = observed.exit.wasRequested || phaseBefore === "stopping" || phaseBefore === "draining";
  const spec = context.effective()?.spec;
  const service = spec?.services[instance.service];
  if (spec === undefined || service === undefined || context.state.isStopping) return;
  if (service.kind === "job" && absorbJobExit(context, instance, observed.exit)) return;
  if (wasAsked) return;
  const isCurrent = workloadOf(spec, service, context.settings)?.specHash === instance.specHash;
  const stranger = isCurrent && !instance.wasReady ? await strangerAt(context, instance) : undefined;
  if (stranger !== undefined && startElsewhere(context, { service, instance, stranger })) return;
  const lines = await readLastLines(context.driver, instance, context.signal);
  const slot = context.state.table.slot(instance.service, instance.ordinal);
  const isLost = isCurrent ? scheduleRestart(context, { service, instance, slot, exit: observed.exit, lines }) : false;
  if (!slot.isExcused) reportExit(context, { service, instance, slot, exit: observed.exit, lines, isCurrent, isLost });
}

interface ExitFacts {
  readonly service: ServiceSpec;
  readonly instance: Instance;
  readonly slot: Slot;
  readonly exit: ExitStatus;
  readonly lines: readonly string[];
}

/** Returns true when the place stays empty by policy. */
function scheduleRestart(context: ControlContext, facts: ExitFacts): boolean {
  const { service, instance, slot, exit, lines } = facts;
  const uptimeMs = Math.max(0, exit.at - instance.startedAt);
  const decision = decideRestart(service.restart, slot.history, exit, { uptimeMs, random: context.random });
  slot.history = decision.history;
  slot.handle = instance.handle;
  slot.isExcused = isExcused(slot, facts, decision);
  const seconds = (uptimeMs / 1000).toFixed(1);
  const sentence = composeText("exit.decided", {
    instance: instanceName(instance),
    decision: decision.reason,
    seconds,
  });
  slot.reason = withLastLines(sentence, instance.service, lines);
  if (decision.kind === "restart") {
    slot.isCrashLoop = decision.isCrashLoop;
    slot.restartAt = context.clock.now() + decision.delayMs;
  } else {
    delete slot.restartAt;
    if (service.kind === "job") failJob(context, instance, slot.reason);
  }
  context.store.slots.put(storedSlot(slot));
  return decision.kind === "leave";
}

/**
 * A start period that the manifest states is time that the service may take, exits included: while it runs, and the next start falls into
 * it, neither the service nor what waits for it is shown as failed. A crash loop is, and so is an exit of an instance that was ready.
 */
function isExcused(slot: Slot, { service, instance, exit }: ExitFacts, decision: RestartDecision): boolean {
  if (decision.history.crashes === 1) {
    if (instance.wasReady) delete slot.startingSince;
    else slot.startingSince = instance.startedAt;
  }
  if (decision.kind === "leave" || decision.isCrashLoop || service.kind === "job") return false;
  const { healthcheck } = service;
  if (healthcheck?.isStartPeriodStated !== true || slot.startingSince === undefined || instance.wasReady) return false;
  return exit.at + decision.delayMs - slot.startingSince < healthcheck.startPeriodMs;
}

function reportExit(
  context: ControlContext,
  facts: ExitFacts & { readonly isCurrent: boolean; readonly isLost: boolean },
): void {
  const { service, instance, slot, exit, lines } = facts;
  if (service.kind !== "job" && exit.code === 0 && facts.isLost) return;
  const how = describeExit(exit);
  if (service.kind !== "job" && followsFromAnother(context, facts, how)) return;
  const kind =
    service.kind === "job"
      ? "job-failed"
      : slot.isCrashLoop
        ? "crash-loop"
        : instance.wasReady
          ? "process-exit"
          : "start-failed";
  const incident = context.incidents.report({
    class: kind,
    subject: { service: instance.service, ordinal: instance.ordinal, handle: instance.handle },
    revision: instance.revision,
    began: { lastGood: Math.min(exit.at, instance.lastBadAt ?? exit.at), firstBad: exit.at, source: "exit-event" },
    summary: composeText("exit.summary", { instance: instanceName(instance), how }),
    evidence: exitEvidence(instance, how, lines),
    source: "driver",
  });
  if (!facts.isCurrent) {
    context.incidents.act(incident.id, { action: "leave", reason: composeText("action.being-replaced") });
  } else if (slot.restartAt !== undefined) {
    const reason = firstLineOf(slot.reason ?? how);
    context.incidents.act(incident.id, { action: "restart", reason, ...firstRungs(incident.class) });
  }
}

/** What it needs is down: its exit is part of that incident, and it is started again when the dependency is ready. */
function followsFromAnother(context: ControlContext, { instance, exit, lines }: ExitFacts, how: ComposedText): boolean {
  const { incidents } = context;
  const { service } = instance;
  if (incidents.find(instance) !== undefined) return false;
  const root = rootCause(service, exit.at, causeInput(context, []));
  const cause = incidents.open().find(({ subject }) => subject.service === root);
  if (root === undefined || cause === undefined) return false;
  incidents.follow(cause.id, [{ service }]);
  incidents.note(cause.id, { source: "driver", text: exitEvidence(instance, how, lines) });
  return true;
}

/** A job that ended well is complete for its key. Returns true when nothing else has to be done. */
function absorbJobExit(context: ControlContext, instance: Instance, exit: ExitStatus): boolean {
  if (exit.code !== 0) return exit.wasRequested;
  const service = context.effective()?.spec.services[instance.service];
  if (service === undefined) return true;
  context.store.jobs.put({
    service: instance.service,
    key: jobKey(service, instance.revision),
    state: "completed",
    handle: instance.handle,
  });
  context.state.table.removeSlot(instance.service, instance.ordinal);
  context.store.slots.remove(instance.service, instance.ordinal);
  return true;
}

function failJob(context: ControlContext, instance: Instance, reason: ComposedText): void {
  const service = context.effective()?.spec.services[instance.service];
  if (service === undefined) return;
  const key = jobKey(service, instance.revision);
  context.store.jobs.put({
    service: instance.service,
    key,
    state: "failed",
    handle: instance.handle,
    ...textFields({ reason }),
  });
}

function exitEvidence(instance: Instance, how: ComposedText, lines: readonly string[]): ComposedText {
  const facts = { instance: instanceName(instance), pid: instance.pid ?? "unknown", how };
  if (lines.length === 0) return composeText("exit.evidence", facts);
  return composeText("exit.evidence-lines", { ...facts, lines: lines.join(" ⏎ ") });
}

function withLastLines(sentence: ComposedText, service: string, lines: readonly string[]): ComposedText {
  if (lines.length === 0) return composeText("exit.silent", { sentence, service });
  return composeText("exit.last-lines", { sentence, service, lines: lines.join("\n  ") });
}
