// Builds the view of every service for one pass: desired from the effective spec, observed from the table, the gate from the others.
import type { AppSpec, ServiceSpec } from "@flyball/core";
import { knowsExclusives } from "@flyball/drivers";
import type { ControlContext } from "../control-context.ts";
import { dependantsOf, startOrder } from "../desired/start-order.ts";
import { workloadOf } from "../desired/workload-of.ts";
import { isAlive, isOneOff } from "../observe/instance.ts";
import { roomViewOf } from "../resources/describe-room.ts";
import { grantRoom } from "../resources/grant-room.ts";
import { composeText } from "../texts/compose-text.ts";
import { dependencyGate, type DependencyFacts } from "./dependency-gate.ts";
import { jobKey } from "./job-key.ts";
import { serviceState } from "./service-state.ts";
import type { JobRun, ServiceView } from "./service-view.ts";

/** One view for each service that is desired or still has instances. */
export function buildViews(context: ControlContext): readonly ServiceView[] {
  const effective = context.effective();
  const spec = effective?.spec;
  const names = new Set(Object.keys(spec?.services ?? {}));
  for (const instance of context.state.table.all()) if (!isOneOff(instance.service)) names.add(instance.service);
  const views = new Map([...names].map((name) => [name, viewWithoutGate(context, name)]));
  if (spec === undefined) return [...views.values()];
  if (context.state.isStopping) return [...views.values()].map((view) => stoppingView(view, spec, views));
  // In start order, so that a failure goes on to the dependants of dependants, and a cause is told before what follows from it.
  const order = startOrder(spec);
  for (const name of order) {
    const view = views.get(name)!;
    const gate = dependencyGate(view.spec?.dependsOn ?? [], (dependency) => factsOf(views.get(dependency)));
    views.set(name, { ...view, gate });
  }
  const rest = [...names].filter((name) => !order.includes(name));
  return withRoom(
    context,
    [...order, ...rest].map((name) => views.get(name)!),
  );
}

function withRoom(context: ControlContext, views: readonly ServiceView[]): readonly ServiceView[] {
  const granted = grantRoom(context, views);
  if (granted === undefined) return views;
  return views.map((view) => {
    const room = roomViewOf(context, granted, view);
    return room === undefined ? view : { ...view, room };
  });
}

/** While the app stops, a service ends only when its dependants have ended: the start order backwards. */
function stoppingView(view: ServiceView, spec: AppSpec, views: ReadonlyMap<string, ServiceView>): ServiceView {
  if (view.spec === undefined) return view;
  const isHeld = dependantsOf(spec, view.service).some((name) => views.get(name)?.instances.some(isAlive) ?? false);
  if (isHeld) return { ...view, gate: { kind: "waiting", reason: composeText("gate.dependants-first") } };
  const { desiredHash: _desired, ...rest } = view;
  return rest;
}

function viewWithoutGate(context: ControlContext, name: string): ServiceView {
  const { state, settings } = context;
  const effective = context.effective();
  const service = effective?.spec.services[name];
  const workload = effective && service && workloadOf(effective.spec, service, settings);
  const exclusives = knowsExclusives(context.driver);
  const failure = state.startFailures.get(name);
  const jobRun = service?.kind === "job" ? currentRun(context, service) : undefined;
  return {
    service: name,
    ...(service === undefined ? {} : { spec: service }),
    ...(workload === undefined ? {} : { desiredHash: workload.specHash }),
    isStopFirst:
      service?.kind === "stateful" || (workload !== undefined && exclusives?.exclusiveReason(workload) !== undefined),
    instances: state.table.of(name),
    slots: state.table.slotsOf(name),
    ...(jobRun === undefined ? {} : { jobRun }),
    isPaused: effective?.isPaused === true || effective?.pausedServices.has(name) === true,
    isStarting: state.startsUnderWay.has(name),
    ...(failure === undefined ? {} : { startRetryAt: failure.retryAt, startFailure: failure.reason }),
    gate: { kind: "open" },
  };
}

function currentRun(context: ControlContext, service: ServiceSpec): ServiceView["jobRun"] {
  const revision = context.state.revision?.number ?? 0;
  const run = context.store.jobs.get(service.name, jobKey(service, revision));
  return run === undefined || isLost(context, run) ? undefined : run;
}

/** A run that was cut off with everything else (`down`, a dead keeper) has no instance and no end; it did not happen. */
function isLost({ state }: ControlContext, run: JobRun): boolean {
  const { service, handle } = run;
  return (
    run.state === "running" &&
    handle !== undefined &&
    !state.startsUnderWay.has(service) &&
    state.table.find(handle) === undefined
  );
}

function factsOf(view: ServiceView | undefined): DependencyFacts | undefined {
  if (view?.spec === undefined) return undefined;
  const isExternal = view.spec.external !== undefined;
  const { state, reason } = serviceState(view);
  const isReady = isExternal || view.instances.some((instance) => instance.phase === "ready");
  const hasFailed = !isReady && (state === "failed" || state === "crash-loop" || state === "unhealthy");
  return {
    state,
    isStarted: isExternal || view.instances.some(isAlive) || view.jobRun !== undefined,
    isReady,
    isCompleted: view.jobRun?.state === "completed",
    ...(hasFailed
      ? {
          failure: composeText("gate.needs", {
            service: view.service,
            reason: reason ?? composeText(`state.${state}`),
          }),
        }
      : {}),
  };
}
