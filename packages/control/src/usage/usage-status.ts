// What `flyball top` shows, from the history of measurements and the spec.
import type { InstanceUsage, Quantiles, ServiceUsage, UsageFigures, UsageStatus } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { startOrder } from "../desired/start-order.ts";
import { instanceName, isAlive } from "../observe/instance.ts";
import { buildViews } from "../reconcile/build-views.ts";
import type { ServiceView } from "../reconcile/service-view.ts";
import { NOTHING, plus } from "../resources/amounts.ts";
import { holdersOf } from "../resources/grant-room.ts";
import { adviseResources } from "./advise-resources.ts";
import { quantilesOf } from "./quantiles-of.ts";
import { USAGE_WINDOW_MS, type UsageSamples } from "./usage-history.ts";

/** All services that Flyball runs, in start order. */
export function usageStatus(context: ControlContext): UsageStatus {
  const { state, clock } = context;
  const views = buildViews(context);
  const spec = context.effective()?.spec;
  const order = spec === undefined ? [] : startOrder(spec);
  const services = order.flatMap((name) => {
    const view = views.find((candidate) => candidate.service === name);
    return view?.spec === undefined || view.spec.external !== undefined ? [] : [serviceUsage(context, view)];
  });
  const reserved = holdersOf(context, views).reduce((sum, { amounts }) => plus(sum, amounts), NOTHING);
  return {
    at: clock.now(),
    windowMs: USAGE_WINDOW_MS,
    ...(state.room.machine === undefined ? {} : { machine: state.room.machine }),
    reserved,
    services,
  };
}

function serviceUsage({ state, clock }: ControlContext, view: ServiceView): ServiceUsage {
  const now = clock.now();
  const places = view.instances.filter(isAlive).toSorted((a, b) => a.ordinal - b.ordinal);
  const names = [...new Set(places.map(instanceName))];
  const measured = names.map((instance) => ({ instance, samples: state.usage.of(instance, now) }));
  const instances = measured.map(({ instance, samples }): InstanceUsage => ({ instance, ...figuresOf(samples) }));
  const all = figuresOf(poolOf(measured.flatMap(({ samples }) => samples ?? [])));
  const { reservations, limits } = view.spec?.resources ?? { reservations: {}, limits: {} };
  return {
    service: view.service,
    reservations,
    limits,
    ...all,
    instances,
    advice: view.spec === undefined ? [] : adviseResources(view.spec.resources, all),
  };
}

function figuresOf(samples: UsageSamples | undefined): UsageFigures {
  if (samples === undefined) return { observedMs: 0 };
  const cpus = quantilesOf(samples.cpus);
  const memoryBytes = quantilesOf(samples.memoryBytes);
  return {
    observedMs: Math.round(Math.max(0, ...samples.at) - Math.min(...samples.at)),
    ...optional("cpus", cpus),
    ...optional("memoryBytes", memoryBytes),
  };
}

function optional<K extends "cpus" | "memoryBytes">(
  key: K,
  value: Quantiles | undefined,
): Partial<Record<K, Quantiles>> {
  return value === undefined ? {} : ({ [key]: value } as Partial<Record<K, Quantiles>>);
}

/** All instances as one. */
function poolOf(all: readonly UsageSamples[]): UsageSamples | undefined {
  if (all.length === 0) return undefined;
  return {
    at: all.flatMap(({ at }) => at),
    cpus: all.flatMap(({ cpus }) => cpus),
    memoryBytes: all.flatMap(({ memoryBytes }) => memoryBytes),
  };
}
