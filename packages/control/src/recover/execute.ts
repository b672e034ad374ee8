// Does what was decided. Long work (start, stop) runs beside the loop and wakes it when it is done; one structural action at a time for
// each service, one stop for each instance. Every failure becomes a reason that people can read.
import { isFlyballError, type ServiceSpec, type Workload } from "@flyball/core";
import type { ForeignListener } from "@flyball/drivers";
import type { ControlContext } from "../control-context.ts";
import { httpPools } from "../desired/listeners-of.ts";
import { startContextOf } from "../desired/start-context.ts";
import { workloadOf } from "../desired/workload-of.ts";
import { backOffMs } from "../decide/restart-policy.ts";
import { learnTcpAddress } from "../desired/tcp-address.ts";
import { instanceName, type Instance } from "../observe/instance.ts";
import { clearSlot, storedSlot } from "../observe/slot.ts";
import type { Action } from "../reconcile/next-actions.ts";
import { composeText, errorText, firstLineOf } from "../texts/compose-text.ts";
import { firstRungs } from "./first-rungs.ts";
import { jobKey } from "../reconcile/job-key.ts";
import { tellPreemption } from "../resources/tell-preemption.ts";

/** Carries out the actions of one pass. */
export function execute(context: ControlContext, actions: readonly Action[]): void {
  for (const action of actions) {
    switch (action.kind) {
      case "apply":
        void startUnderWay(context, action.service, () => bringTo(context, action.service, action.replicas));
        break;
      case "restart":
        void startUnderWay(context, action.service, () => restartInstance(context, action));
        break;
      case "drain":
        drain(context, action.handle);
        break;
      case "preempt":
        if (tellPreemption(context, action)) drain(context, action.handle);
        break;
      case "stop":
        void stop(context, action.handle);
        break;
      case "forget":
        context.state.table.remove(action.handle);
        context.state.requestFailures.delete(action.handle);
        context.store.instances.remove(action.handle);
        void context.driver.forget(action.handle).catch(() => undefined);
        break;
    }
  }
}

async function startUnderWay(context: ControlContext, service: string, run: () => Promise<void>): Promise<void> {
  const { startsUnderWay, startFailures } = context.state;
  if (startsUnderWay.has(service) || context.signal.aborted) return;
  startsUnderWay.add(service);
  try {
    await run();
    startFailures.delete(service);
  } catch (error) {
    if (!context.signal.aborted) recordStartFailure(context, service, error);
  } finally {
    startsUnderWay.delete(service);
    context.wake();
  }
}

function recordStartFailure(context: ControlContext, name: string, error: unknown): void {
  const { state, clock } = context;
  const service = context.effective()?.spec.services[name];
  const count = (state.startFailures.get(name)?.count ?? 0) + 1;
  const message = errorText(error);
  const sentence = composeText("start.failed", { service: name, message });
  const reason = isFlyballError(error)
    ? composeText("error.with-hint", { sentence, hint: errorText(error, "hint") })
    : sentence;
  const delayMs = service === undefined ? 1_000 : Math.max(500, backOffMs(service.restart, count + 1, context.random));
  state.startFailures.set(name, { retryAt: clock.now() + delayMs, reason, count });
  const now = clock.now();
  const incident = context.incidents.report({
    class: "start-failed",
    subject: { service: name },
    revision: state.revision?.number ?? 0,
    began: { lastGood: now, firstBad: now, source: "exit-event" },
    summary: composeText("start.cannot", { service: name }),
    evidence: message,
    source: "driver",
  });
  const reasonOfRetry = composeText("action.retry-in", { delayMs });
  context.incidents.act(incident.id, { action: "restart", reason: reasonOfRetry, ...firstRungs("start-failed") });
}

/** The room of instances that are not known yet is taken already. */
async function bringTo(context: ControlContext, service: string, replicas: number): Promise<void> {
  const { startTargets } = context.state.room;
  startTargets.set(service, replicas);
  try {
    await applyReplicas(context, service, replicas);
  } finally {
    startTargets.delete(service);
  }
}

async function applyReplicas(context: ControlContext, name: string, replicas: number): Promise<void> {
  const found = desiredWorkload(context, name);
  if (found === undefined) return;
  const { service, workload } = found;
  const instances = await context.driver.apply({ workload, replicas }, contextFor(context, name), context.signal);
  for (const observation of instances) {
    const { instance, isNew } = context.state.table.upsert(observation);
    if (!isNew) continue;
    learnTcpAddress(context, service);
    context.store.instances.put({ handle: instance.handle, phase: "starting" });
    if (service.kind === "job") {
      const key = jobKey(service, observation.revision);
      context.store.jobs.put({ service: name, key, state: "running", handle: instance.handle });
    }
  }
}

async function restartInstance(context: ControlContext, action: Extract<Action, { kind: "restart" }>): Promise<void> {
  const found = desiredWorkload(context, action.service);
  if (found === undefined) return;
  const before = context.state.table.find(action.handle);
  if (before !== undefined && before.phase !== "exited") before.phase = "stopping";
  const slot = context.state.table.slot(action.service, action.ordinal);
  const { stopGraceMs } = found.workload;
  const workload = { ...found.workload, stopGraceMs: Math.min(stopGraceMs, slot.graceMs ?? stopGraceMs) };
  const startContext = contextFor(context, action.service);
  const observation = await context.driver
    .restart(action.handle, workload, startContext, context.signal)
    .catch((error: unknown) => {
      if (!isFlyballError(error, "FB_DRIVER_ORDINAL_TAKEN") && !isFlyballError(error, "FB_DRIVER_UNKNOWN_INSTANCE"))
        throw error;
      return undefined;
    });
  if (observation === undefined) {
    // The place is taken or the instance is forgotten: the next pass fills what is missing.
    clearSlot(slot);
    context.store.slots.put(storedSlot(slot));
    return;
  }
  const { instance } = context.state.table.upsert(observation);
  learnTcpAddress(context, found.service);
  tellMove(context, before, instance, slot.lostTo);
  slot.restarts += 1;
  delete slot.restartAt;
  delete slot.graceMs;
  delete slot.handle;
  delete slot.lostTo;
  context.store.slots.put(storedSlot(slot));
  if (found.service.kind === "job") {
    const key = jobKey(found.service, observation.revision);
    context.store.jobs.put({ service: action.service, key, state: "running", handle: observation.handle });
  }
  context.store.instances.put({ handle: instance.handle, phase: "starting" });
  const incident = context.incidents.find({ service: action.service, ordinal: action.ordinal });
  if (incident !== undefined) {
    const result = composeText("action.started", { pid: instance.pid ?? "unknown" });
    context.incidents.act(incident.id, { action: "restarted", reason: firstLineOf(action.reason), result });
  }
}

function tellMove(
  context: ControlContext,
  before: Instance | undefined,
  after: Instance,
  lostTo: ForeignListener | undefined,
): void {
  const name = Object.entries(before?.addresses ?? {}).find(([, { port }]) => port === lostTo?.port)?.[0];
  const address = name === undefined ? undefined : after.addresses[name];
  if (lostTo === undefined || address === undefined) return;
  const { port: wishedPort, holder } = lostTo;
  context.emit({ event: "listener-moved", id: instanceName(after), wishedPort, port: address.port, holder });
}

/** Out of the gateway first; instances that no gateway serves are stopped by the next pass at once. */
function drain(context: ControlContext, handle: string): void {
  const instance = context.state.table.find(handle);
  if (instance === undefined) return;
  const service = context.effective()?.spec.services[instance.service];
  const pools = service === undefined ? [instance.service] : httpPools(service).map(({ pool }) => pool);
  const isServed = instance.wasReady && context.links.gateways().length > 0;
  if (!isServed) for (const pool of pools) instance.idlePools.add(pool);
  instance.phase = "draining";
  instance.drainSince = context.clock.now();
  context.store.instances.put({ handle, phase: "draining" });
  context.wake();
}

async function stop(context: ControlContext, handle: string): Promise<void> {
  const { state } = context;
  const instance = state.table.find(handle);
  if (instance === undefined || instance.phase === "exited" || state.stopsUnderWay.has(handle)) return;
  state.stopsUnderWay.add(handle);
  instance.phase = "stopping";
  context.store.instances.put({ handle, phase: "stopping" });
  const service = stopRules(context, instance.service);
  try {
    await context.driver.stop(handle, { graceMs: service.stopGraceMs, stopSignal: service.stopSignal }, context.signal);
  } catch (error) {
    if (!context.signal.aborted) instance.phase = "unhealthy";
    if (isFlyballError(error, "FB_DRIVER_UNKNOWN_INSTANCE")) state.table.remove(handle);
  } finally {
    state.stopsUnderWay.delete(handle);
    context.wake();
  }
}

/** The current spec's rules, else those of the newest revision that had the service, else the defaults. */
function stopRules(context: ControlContext, name: string): Pick<ServiceSpec, "stopGraceMs" | "stopSignal"> {
  const current = context.effective()?.spec.services[name];
  if (current !== undefined) return current;
  const number = context.state.revision?.number ?? 0;
  return context.store.revisions.get(number - 1)?.spec.services[name] ?? { stopGraceMs: 10_000, stopSignal: "SIGTERM" };
}

function desiredWorkload(
  context: ControlContext,
  name: string,
): { readonly service: ServiceSpec; readonly workload: Workload } | undefined {
  const spec = context.effective()?.spec;
  const service = spec?.services[name];
  const workload = spec && service && workloadOf(spec, service, context.settings);
  return service === undefined || workload === undefined ? undefined : { service, workload };
}

function contextFor(context: ControlContext, name: string): ReturnType<typeof startContextOf> {
  const { state, settings } = context;
  const spec = context.effective()?.spec;
  if (spec === undefined) throw new Error("no revision to start from");
  return startContextOf(spec, name, {
    addresses: { listeners: state.bound, tcp: state.tcpAddresses },
    keySecret: settings.keySecret,
    revision: state.revision?.number ?? 0,
  });
}
