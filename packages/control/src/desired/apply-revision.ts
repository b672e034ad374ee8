// A new declared state: checked against the target, written as a revision, its sockets bound, then left to the loop. Nothing is written
// when it equals the current revision, and nothing is half-applied when the target refuses a field.
import {
  contentHash,
  diffSpecs,
  FlyballError,
  type ApplyRequest,
  type ApplyResult,
  type AppSpec,
  type ListenerStatus,
  type Plan,
  type Revision,
  type RevisionSummary,
} from "@flyball/core";
import { knowsAddresses } from "@flyball/drivers";
import type { ControlContext } from "../control-context.ts";
import { clearSlot, storedSlot } from "../observe/slot.ts";
import { jobKey } from "../reconcile/job-key.ts";
import { makePlan } from "../reconcile/make-plan.ts";
import { planForEvent } from "../reconcile/plan-for-event.ts";
import { composeText, englishOf, storedText, textFields } from "../texts/compose-text.ts";
import { clearBad, isBad } from "./bad-revisions.ts";
import { droppedOverrides, effectiveSpec } from "./effective-spec.ts";
import { listenersOf } from "./listeners-of.ts";
import { removeOverrides, tellDropped } from "./override-book.ts";
import { workloadOf } from "./workload-of.ts";

/** Who applies what a changed file says. */
const FILE_AUTHOR = "file";

/** What `POST /v1/plan` answers. FB_DRIVER_FIELD_REFUSED when the target cannot honour a field. */
export function planFor(context: ControlContext, spec: AppSpec): Plan {
  refuseUnsupported(context, spec);
  const before = context.state.revision;
  const changes = before === undefined ? [] : diffSpecs(before.spec, spec);
  const dropped = droppedOverrides(context.state.overrides, changes, spec);
  return makePlan({
    before,
    after: spec,
    changes,
    dropped: dropped.map(({ override: { field, value }, reason }) => ({ field, value, ...textFields({ reason }) })),
    hashOf: (candidate, service) => workloadOf(candidate, service, context.settings)?.specHash,
  });
}

/** Writes a revision and lets the loop reach it. One after the other: a changed file and `up` at once are one revision, not two. */
export function applyRevision(context: ControlContext, request: ApplyRequest): Promise<ApplyResult> {
  const { state } = context;
  const result = state.applying.catch(() => undefined).then(() => applyOnce(context, request));
  state.applying = result;
  return result;
}

async function applyOnce(context: ControlContext, request: ApplyRequest): Promise<ApplyResult> {
  const { state, store, clock } = context;
  const plan = planFor(context, request.spec);
  const hash = contentHash(request.spec);
  if (request.source !== undefined) rememberSource(context, request.source);
  if (state.revision !== undefined && state.revision.hash === hash) {
    if (state.isAwaitingUp) await reachSockets(context, state.revision.spec);
    if (state.isAwaitingUp || state.rollout?.state === "failed") {
      state.rollout = { revision: state.revision.number, startedAt: clock.now(), state: "running" };
    }
    state.isAwaitingUp = false;
    cutWaitsShort(context);
    return { isChanged: false, revision: summaryOf(state.revision), plan };
  }
  if (request.author === FILE_AUTHOR && isBad(store, hash) && state.revision !== undefined) {
    context.emit({ event: "manifest-refused", problems: [englishOf(composeText("revision.bad"))] });
    return { isChanged: false, revision: summaryOf(state.revision), plan };
  }
  await reachSockets(context, request.spec);
  const changes = state.revision === undefined ? [] : diffSpecs(state.revision.spec, request.spec);
  const dropped = droppedOverrides(state.overrides, changes, request.spec);
  const { author, spec } = request;
  const texts = textFields({ reason: storedText(request, "reason") });
  // A control that is killed here has the revision with all that belongs to it, or not at all.
  const revision = store.atomically(() => {
    if (author !== FILE_AUTHOR) clearBad(store, hash);
    store.audit.append({ actor: author, action: "revision-write", ...texts, difference: changes }, clock.now());
    removeOverrides(context, dropped, author);
    return store.revisions.append({ hash, author, ...texts, createdAt: clock.now(), spec });
  });
  state.revision = revision;
  state.isAwaitingUp = false;
  tellDropped(context, dropped);
  cutWaitsShort(context);
  state.rollout = { revision: revision.number, startedAt: clock.now(), state: "running" };
  context.emit({ event: "revision-written", revision: revision.number, ...texts, plan: planForEvent(plan) });
  context.wake();
  return { isChanged: true, revision: summaryOf(revision), plan };
}

/** Binds the sockets of a spec, has the gateway serve them, and learns the addresses of tcp ports. Also run when control starts. */
export async function reachSockets(context: ControlContext, spec: AppSpec): Promise<void> {
  const { state } = context;
  const hosted = await context.gatewayHost.ensure(listenersOf(spec), spec.gateway.workers);
  reportMoves(context, hosted.statuses);
  state.bound.clear();
  for (const [id, address] of hosted.bound) state.bound.set(id, address);
  state.listeners = hosted.statuses;
  const power = knowsAddresses(context.driver);
  state.tcpAddresses.clear();
  for (const service of Object.values(spec.services)) {
    const workload = workloadOf(spec, service, context.settings);
    const port = service.ports.find((candidate) => candidate.protocol === "tcp");
    if (workload === undefined || port === undefined || power === undefined) continue;
    const address = await power.addressOf(workload, port.name);
    if (address !== undefined) state.tcpAddresses.set(service.name, address);
  }
}

/** Another program took a listener's port between bind and listen: the listener moves on, and the gateway with it. */
export async function moveListener(context: ControlContext, id: string): Promise<void> {
  const spec = context.effective()?.spec;
  if (spec === undefined) return;
  await context.gatewayHost.giveUp(id);
  await reachSockets(context, spec);
  context.wake();
}

/** A new revision, or a person, ends every waiting: crashes are forgotten, failed starts and failed jobs tried again at once. */
export function cutWaitsShort(context: ControlContext, service?: string): void {
  const { state, clock, store } = context;
  for (const name of service === undefined ? serviceNames(context) : [service]) {
    state.startFailures.delete(name);
    forgetJobRun(context, name, "failed");
    for (const slot of state.table.slotsOf(name)) {
      const isAwaited = slot.handle !== undefined && state.table.find(slot.handle)?.phase === "exited";
      const { handle } = slot;
      clearSlot(slot);
      if (!isAwaited || handle === undefined) continue;
      slot.handle = handle;
      slot.restartAt = clock.now();
      store.slots.put(storedSlot(slot));
    }
  }
  context.wake();
}

/** The job runs again in this revision; with `onlyState`, when its run has that state. */
export function forgetJobRun(context: ControlContext, name: string, onlyState?: "failed"): void {
  const { state, store } = context;
  const service = state.revision?.spec.services[name];
  if (service?.kind !== "job") return;
  const key = jobKey(service, state.revision?.number ?? 0);
  const run = store.jobs.get(name, key);
  if (run === undefined || (onlyState !== undefined && run.state !== onlyState)) return;
  store.jobs.remove(name, key);
  for (const slot of state.table.slotsOf(name)) clearSlot(slot);
}

function serviceNames({ state }: ControlContext): readonly string[] {
  const declared = Object.keys(state.revision?.spec.services ?? {});
  return [
    ...new Set([...declared, ...state.table.all().map((instance) => instance.service), ...state.startFailures.keys()]),
  ];
}

function refuseUnsupported(context: ControlContext, spec: AppSpec): void {
  const effective = effectiveSpec(spec, [], context.clock.now()).spec;
  const desired = Object.values(effective.services).flatMap((service) => {
    const workload = workloadOf(effective, service, context.settings);
    return workload === undefined
      ? []
      : [{ workload, replicas: (service.scale?.max ?? service.replicas) + (service.warm ?? 0) }];
  });
  const refusal = context.driver.plan(desired, []).refusals[0];
  if (refusal === undefined) return;
  throw new FlyballError("FB_DRIVER_FIELD_REFUSED", { driver: context.driver.name, ...refusal });
}

function rememberSource(context: ControlContext, source: NonNullable<ApplyRequest["source"]>): void {
  context.state.source = source;
  context.store.meta.put("source", JSON.stringify(source));
}

function reportMoves(context: ControlContext, statuses: readonly ListenerStatus[]): void {
  for (const status of statuses) {
    if (status.address.port === status.wishedPort) continue;
    const known = context.state.bound.get(status.id);
    if (known?.port === status.address.port) continue;
    const { id, wishedPort, holder } = status;
    context.emit({
      event: "listener-moved",
      id,
      wishedPort,
      port: status.address.port,
      ...(holder === undefined ? {} : { holder }),
    });
  }
}

/** A revision without its spec. */
export function summaryOf(revision: Revision): RevisionSummary {
  const { spec: _spec, ...summary } = revision;
  return summary;
}
