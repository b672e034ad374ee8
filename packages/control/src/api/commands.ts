// What people may ask of control, apart from HTTP: each command checks its input, does its work through the loop's own means, and leaves
// an entry in the audit trail.
import {
  createId,
  diffSpecs,
  FlyballError,
  instanceTag,
  type ApplyResult,
  type Override,
  type SpecChange,
} from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { applyRevision, cutWaitsShort, forgetJobRun } from "../desired/apply-revision.ts";
import { pausedField, replicasField } from "../desired/effective-spec.ts";
import { dropOverrides, writeOverride } from "../desired/override-book.ts";
import { revisionToGoBackTo } from "../desired/reached-revisions.ts";
import { startContextOf } from "../desired/start-context.ts";
import { workloadOf } from "../desired/workload-of.ts";
import { instanceName, isActive } from "../observe/instance.ts";
import { requireRoom } from "../resources/require-room.ts";
import { composeText, textFields, verbatim } from "../texts/compose-text.ts";

/** Restarts a service, or one instance: start-first, so that no request fails; waits for a crash loop are cut short. */
export function restart(
  context: ControlContext,
  wish: { readonly service: string; readonly instance?: string; readonly actor: string; readonly reason?: string },
): { readonly restarted: readonly string[] } {
  const service = requireService(context, wish.service);
  cutWaitsShort(context, service.name);
  forgetJobRun(context, service.name);
  const all = context.state.table.of(service.name);
  const chosen = all.filter((instance) => wish.instance === undefined || instanceName(instance) === wish.instance);
  if (wish.instance !== undefined && chosen.length === 0) throw unknown("instance", wish.instance);
  for (const instance of chosen) if (isActive(instance)) instance.isToBeReplaced = true;
  const reason = wish.reason === undefined ? composeText("override.asked") : verbatim(wish.reason);
  const restarted = chosen.map(instanceName);
  context.store.audit.append(
    { actor: wish.actor, action: "restart", ...textFields({ reason }), difference: restarted },
    context.clock.now(),
  );
  context.wake();
  return { restarted };
}

/** Lays another number of instances over the revision. */
export function scale(
  context: ControlContext,
  wish: {
    readonly service: string;
    readonly replicas: number;
    /** Until further notice unless given. */
    readonly forMs?: number;
    readonly actor: string;
    readonly reason?: string;
  },
): { readonly override: Override } {
  const service = requireService(context, wish.service);
  if (!Number.isInteger(wish.replicas) || wish.replicas < 0 || wish.replicas > 1000) {
    throw new FlyballError("FB_CONTROL_BAD_REQUEST", {
      reason: `replicas must be a whole number from 0 to 1000, not ${String(wish.replicas)}`,
    });
  }
  if (service.kind === "stateful" && wish.replicas > 1) {
    throw new FlyballError("FB_CONTROL_BAD_REQUEST", {
      reason: `${service.name} is stateful: it has at most one instance`,
    });
  }
  if (service.kind === "job" || service.external !== undefined) {
    throw new FlyballError("FB_CONTROL_BAD_REQUEST", { reason: `${service.name} has no instances to scale` });
  }
  const field = replicasField(service.name);
  return {
    override: writeOverride(context, {
      field,
      value: wish.replicas,
      actor: wish.actor,
      reason: wish.reason === undefined ? composeText("override.asked") : verbatim(wish.reason),
      ...(wish.forMs === undefined ? {} : { expiresAt: context.clock.now() + wish.forMs }),
    }),
  };
}

/** Turns automatic actions off, for a while or until `resume`. */
export function pause(
  context: ControlContext,
  wish: { readonly service?: string; readonly forMs?: number; readonly actor: string; readonly reason: string },
): { readonly override: Override } {
  if (wish.service !== undefined) requireService(context, wish.service);
  const expires = wish.forMs === undefined ? {} : { expiresAt: context.clock.now() + wish.forMs };
  const { actor, reason } = wish;
  return {
    override: writeOverride(context, {
      field: pausedField(wish.service),
      value: true,
      actor,
      reason: verbatim(reason),
      ...expires,
    }),
  };
}

/** Turns automatic actions on again. */
export function resume(
  context: ControlContext,
  wish: { readonly service?: string; readonly actor: string },
): { readonly removed: number } {
  const field = pausedField(wish.service);
  const matching = context.state.overrides.filter((override) => override.field === field);
  dropOverrides(
    context,
    matching.map((override) => ({ override, reason: composeText("override.resumed") })),
    wish.actor,
  );
  return { removed: matching.length };
}

/** Writes an earlier revision's spec as a new revision: the one asked for, else the last that was reached before the current one. */
export async function rollback(
  context: ControlContext,
  wish: { readonly to?: number; readonly actor: string; readonly reason?: string },
): Promise<ApplyResult> {
  const { store, state } = context;
  const target = wish.to === undefined ? revisionToGoBackTo(store, state.revision) : store.revisions.get(wish.to);
  if (target === undefined) {
    if (wish.to !== undefined) throw unknown("revision", String(wish.to));
    throw new FlyballError("FB_CONTROL_NO_EARLIER_REVISION", { current: state.revision?.number ?? 0 });
  }
  const to = target.number;
  const reason = wish.reason === undefined ? composeText("revision.rollback", { revision: to }) : verbatim(wish.reason);
  return applyRevision(context, { spec: target.spec, author: wish.actor, ...textFields({ reason }) });
}

/** What differs between two revisions. */
export function diff(context: ControlContext, from: number, to: number): { readonly changes: readonly SpecChange[] } {
  const [before, after] = [from, to].map((number) => {
    const revision = context.store.revisions.get(number);
    if (revision === undefined) throw unknown("revision", String(number));
    return revision;
  });
  return { changes: diffSpecs(before!.spec, after!.spec) };
}

/** Starts a one-off in a service's environment; it is nobody's desired state and ends by itself. */
export async function runOnce(
  context: ControlContext,
  wish: {
    readonly service: string;
    readonly command?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
    readonly actor: string;
  },
): Promise<{ readonly tag: string; readonly handle: string }> {
  const service = requireService(context, wish.service);
  const spec = context.effective()?.spec;
  const workload = spec && workloadOf(spec, service, context.settings);
  if (spec === undefined || workload === undefined) throw unknown("service to run", wish.service);
  requireRoom(context, service);
  const name = `${service.name}@${createId("run", context.clock, context.random)}`;
  const { healthcheck: _healthcheck, command, ...rest } = workload;
  const chosen = wish.command ?? command;
  const oneOff = {
    ...rest,
    ...(chosen === undefined ? {} : { command: chosen }),
    service: name,
    kind: "job" as const,
    ports: [],
    environment: { ...workload.environment, ...wish.environment },
    specHash: name,
  };
  const startContext = startContextOf(spec, service.name, {
    addresses: { listeners: context.state.bound, tcp: context.state.tcpAddresses },
    keySecret: context.settings.keySecret,
    revision: context.state.revision?.number ?? 0,
  });
  const [instance] = await context.driver.apply({ workload: oneOff, replicas: 1 }, startContext, context.signal);
  if (instance === undefined) throw new Error("the driver started nothing");
  context.state.table.upsert(instance);
  const tag = instanceTag(context.settings.app, context.settings.clone, name, instance.ordinal);
  // What was run stands in the command, without what may be secret.
  const difference = { service: service.name, tag };
  context.store.audit.append({ actor: wish.actor, action: "run", reason: "", difference }, context.clock.now());
  return { tag, handle: instance.handle };
}

function requireService(
  context: ControlContext,
  name: string,
): NonNullable<ReturnType<ControlContext["effective"]>>["spec"]["services"][string] {
  const service = context.effective()?.spec.services[name];
  if (service === undefined) throw unknown("service", name);
  return service;
}

function unknown(what: string, name: string): FlyballError {
  return new FlyballError("FB_CONTROL_NOT_FOUND", { what, name, remedy: "Try: flyball status" });
}
