// Control's own metrics: how many instances are wanted and ready, and how scaling has gone since control started.
import type { MetricFamily } from "@flyball/telemetry";
import type { ControlContext } from "../control-context.ts";
import { buildViews } from "../reconcile/build-views.ts";
import type { ServiceScaling } from "./service-scaling.ts";

/** The families, one series for each service. */
export function scaleFamilies(context: ControlContext): readonly MetricFamily[] {
  const services = buildViews(context).filter(
    ({ spec }) => spec !== undefined && spec.kind !== "job" && !spec.external,
  );
  const scaled = [...context.state.scaling.services];
  const counter = (name: string, help: string, read: (scaling: ServiceScaling) => number): MetricFamily => ({
    name,
    help,
    type: "counter",
    labelNames: ["service"],
    samples: scaled.map(([service, scaling]) => ({ labels: [service], value: read(scaling) })),
  });
  const gauge = (name: string, help: string, read: (view: (typeof services)[number]) => number): MetricFamily => ({
    name,
    help,
    type: "gauge",
    labelNames: ["service"],
    samples: services.map((view) => ({ labels: [view.service], value: read(view) })),
  });
  return [
    gauge("flyball_desired_replicas", "Instances that a service shall have, overrides included.", ({ spec }) =>
      spec === undefined ? 0 : spec.replicas,
    ),
    gauge(
      "flyball_ready_replicas",
      "Instances of a service that are ready.",
      ({ instances }) => instances.filter(({ phase }) => phase === "ready").length,
    ),
    {
      name: "flyball_wanted_replicas",
      help: "Instances that the load of a service asks for, before its bounds and the room on the machine.",
      type: "gauge",
      labelNames: ["service"],
      samples: scaled.flatMap(([service, { decision }]) =>
        decision?.evidence === undefined ? [] : [{ labels: [service], value: decision.evidence.wanted }],
      ),
    },
    counter("flyball_scale_ups_total", "Times that scaling has added instances.", ({ ups }) => ups),
    counter("flyball_scale_downs_total", "Times that scaling has taken instances away.", ({ downs }) => downs),
    counter(
      "flyball_scale_flaps_total",
      "Times that instances were added again soon after some were taken away.",
      ({ flaps }) => flaps,
    ),
  ];
}
