// How the scaling of a service stands, for its status.
import type { ScaleStatus } from "@flyball/core";
import type { ControlContext } from "../control-context.ts";
import { replicasField } from "../desired/effective-spec.ts";
import type { ServiceView } from "../reconcile/service-view.ts";
import { SCALING_ACTOR } from "./scale-services.ts";

/** undefined: it is not scaled. */
export function scaleStatus({ state }: ControlContext, view: ServiceView): ScaleStatus | undefined {
  const { spec, service } = view;
  if (spec?.scale === undefined) return undefined;
  const scaling = state.scaling.services.get(service);
  const decision = scaling?.decision;
  const evidence = decision?.evidence;
  const override = state.overrides.find(({ field }) => field === replicasField(service));
  const isSet = override !== undefined && override.actor !== SCALING_ACTOR;
  const limitedBy = decision?.limitedBy;
  return {
    ...spec.scale,
    by: isSet ? "set" : view.isPaused ? "paused" : evidence === undefined ? "no-evidence" : "load",
    ...(evidence === undefined
      ? {}
      : { weightedAverageLoad: round(evidence.weightedAverageLoad), wanted: evidence.wanted }),
    ...(limitedBy === undefined ? {} : { limitedBy }),
    coldStartMs: Math.round(scaling?.coldStarts.medianMs ?? 0),
    flaps: scaling?.flaps ?? 0,
    ...(override === undefined ? {} : { reason: override.reason, ...composedOf(override) }),
  };
}

function composedOf({ composed }: { readonly composed?: ScaleStatus["composed"] }): Pick<ScaleStatus, "composed"> {
  return composed === undefined ? {} : { composed };
}

function round(load: number): number {
  return Math.round(load * 1_000) / 1_000;
}
