// The step of the loop that lets services follow their load: it looks, decides, and writes what it wants as an override with reason,
// evidence and an end. Nothing else changes a number of instances by itself. What a person has set stands until it ends; a pause freezes
// what is, and keeps it from running out.
import type { Override, ServiceSpec } from "@flyball/core";
import { isFlap, stabilisationMs, type ReplicaFacts, type ScaleDecision } from "@flyball/traffic";
import type { ControlContext } from "../control-context.ts";
import { replicasField, type EffectiveSpec } from "../desired/effective-spec.ts";
import { httpPools } from "../desired/listeners-of.ts";
import { dropOverrides, extendOverride, writeOverride } from "../desired/override-book.ts";
import { buildViews } from "../reconcile/build-views.ts";
import { outdatedInstances, type ServiceView } from "../reconcile/service-view.ts";
import { grantRoom, roomFor, type GrantedRoom } from "../resources/grant-room.ts";
import { composeText } from "../texts/compose-text.ts";
import { describeDecision } from "./describe-decision.ts";
import { scalingOf, type ServiceScaling } from "./service-scaling.ts";

/** Who writes these overrides. */
export const SCALING_ACTOR = "scaling";

/** An override of scaling ends this long after the last evidence for it. */
const LIFETIME_MS = 3_600_000;
const SAMPLE_MS = 900;
/** Additions within this time after a removal are a flap, or within the stabilisation window where that is longer. */
const LEAST_FLAP_MS = 60_000;

/** Looks and decides. */
export function scaleServices(context: ControlContext): void {
  const effective = context.effective();
  if (effective === undefined || context.state.isStopping) return;
  forgetUnscaled(context, effective);
  if (!Object.values(effective.spec.services).some(isScaled)) return;
  const views = buildViews(context);
  const granted = grantRoom(context, views);
  for (const view of views) scaleService(context, view, granted);
}

function isScaled(service: ServiceSpec | undefined): boolean {
  return service?.scale !== undefined;
}

/** Overrides of services that are no longer scaled go: nobody would renew or end them. */
function forgetUnscaled(context: ControlContext, { spec }: EffectiveSpec): void {
  const { scaling, overrides } = context.state;
  for (const name of scaling.services.keys()) if (!isScaled(spec.services[name])) scaling.services.delete(name);
  const scaled = Object.values(spec.services).filter(isScaled);
  const fields = new Set(scaled.map(({ name }) => replicasField(name)));
  const orphans = overrides.filter(({ actor, field }) => actor === SCALING_ACTOR && !fields.has(field));
  const reason = composeText("scale.not-scaled");
  dropOverrides(
    context,
    orphans.map((override) => ({ override, reason })),
    SCALING_ACTOR,
  );
}

function scaleService(context: ControlContext, view: ServiceView, granted: GrantedRoom | undefined): void {
  const { state, clock } = context;
  const { spec, service } = view;
  if (spec?.scale === undefined) return;
  const scaling = scalingOf(state.scaling, service, spec.scale);
  look(context, view, scaling);
  const own = state.overrides.find(({ field }) => field === replicasField(service));
  if (own !== undefined && own.actor !== SCALING_ACTOR) {
    scaling.decision = undefined;
    return;
  }
  if (view.isPaused) {
    keepAlive(context, own);
    return;
  }
  const facts: ReplicaFacts = {
    now: clock.now(),
    current: spec.replicas,
    coldStartMs: scaling.coldStarts.medianMs,
    room: roomFor(granted, view),
    mayShrink: mayShrink(context, view),
  };
  const decision = scaling.scaler.decide(facts);
  scaling.decision = decision;
  if (decision.desired !== spec.replicas) carryOut(context, { spec, scaling, decision, own });
  else if (decision.rule !== "no-evidence") keepAlive(context, own);
}

function look(context: ControlContext, view: ServiceView, scaling: ServiceScaling): void {
  const { state, clock } = context;
  const now = clock.now();
  scaling.coldStarts.look(view.instances);
  if (view.spec === undefined || now - scaling.sampledAt < SAMPLE_MS) return;
  const pools = httpPools(view.spec).map(({ pool }) => pool);
  const newest = state.scaling.loads.newestAt(pools, now);
  if (newest === undefined || newest <= scaling.sampledAt) return;
  const sample = state.scaling.loads.take(pools, now);
  if (sample === undefined) return;
  scaling.sampledAt = now;
  scaling.scaler.add(sample);
}

/** While instances come, or are exchanged, nobody knows what those that stay can do. */
function mayShrink({ state }: ControlContext, view: ServiceView): boolean {
  const isMoving = view.instances.some(({ phase }) => phase === "starting") || outdatedInstances(view).length > 0;
  return state.rollout?.state !== "running" && !isMoving && !view.isStarting;
}

function carryOut(
  context: ControlContext,
  facts: {
    readonly spec: ServiceSpec;
    readonly scaling: ServiceScaling;
    readonly decision: ScaleDecision;
    readonly own: Override | undefined;
  },
): void {
  const { spec, scaling, decision, own } = facts;
  const now = context.clock.now();
  note(scaling, { at: now, from: spec.replicas, to: decision.desired });
  const reason = describeDecision(decision, scaling.policy, scaling.coldStarts.medianMs);
  const declared = context.state.revision?.spec.services[spec.name]?.replicas;
  if (own !== undefined && decision.desired === declared) {
    dropOverrides(context, [{ override: own, reason }], SCALING_ACTOR);
    return;
  }
  writeOverride(context, {
    field: replicasField(spec.name),
    value: decision.desired,
    actor: SCALING_ACTOR,
    reason,
    expiresAt: now + LIFETIME_MS,
    ...(decision.evidence === undefined ? {} : { evidence: { rule: decision.rule, ...decision.evidence } }),
  });
}

function note(
  scaling: ServiceScaling,
  change: { readonly at: number; readonly from: number; readonly to: number },
): void {
  const windowMs = Math.max(LEAST_FLAP_MS, stabilisationMs(scaling.policy, scaling.coldStarts.medianMs));
  if (isFlap(scaling.lastChange, change, windowMs)) scaling.flaps += 1;
  if (change.to > change.from) scaling.ups += 1;
  else scaling.downs += 1;
  scaling.lastChange = change;
}

function keepAlive(context: ControlContext, own: Override | undefined): void {
  const now = context.clock.now();
  if (own?.actor !== SCALING_ACTOR || (own.expiresAt ?? Infinity) - now > LIFETIME_MS / 2) return;
  extendOverride(context, own, now + LIFETIME_MS);
}
