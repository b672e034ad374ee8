// How the scaling of services stands, a line for each service that follows its load.
import { assertNever, type ScaleStatus, type ServiceStatus } from "@flyball/core";
import type { Translate } from "../messages/translate.ts";

/** The lines; none without such a service. */
export function renderScaling(services: readonly ServiceStatus[], translate: Translate): readonly string[] {
  return services.flatMap(({ service, desired, scale }) => {
    if (scale === undefined) return [];
    const { min, max } = scale;
    return [
      translate("status.scale", { service, replicas: desired, min, max, state: stateOf(service, scale, translate) }),
    ];
  });
}

function stateOf(service: string, scale: ScaleStatus, translate: Translate): string {
  switch (scale.by) {
    case "set":
      return translate("status.scale-set", { service });
    case "paused":
      return translate("status.scale-paused");
    case "no-evidence":
      return translate("status.scale-no-evidence");
    case "load": {
      const { target, wanted = 0, limitedBy } = scale;
      const load = (scale.weightedAverageLoad ?? 0).toFixed(2);
      if (limitedBy === undefined) return translate("status.scale-load", { load, target });
      return translate(`status.scale-limited-${limitedBy}`, { load, target, wanted });
    }
    default:
      return assertNever(scale.by);
  }
}
