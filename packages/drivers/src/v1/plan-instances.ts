// The difference of desired and observed instances, without I/O. Every driver's `plan` and `apply` go through it, so that what was shown
// is what is done.
import type { InstanceObservation } from "@flyball/core";
import type { DesiredWorkload, DriverPlan } from "./driver.ts";

/** An ordinal that an operation in progress is about to fill; it counts as an instance of its hash. */
export interface ReservedOrdinal {
  readonly service: string;
  readonly ordinal: number;
  readonly specHash: string;
}

/**
 * Starts take the lowest ordinals that no running instance of the service has, whatever its hash; stops take the highest ordinals of the
 * workload's own hash. An ordinal that this plan frees is not used by it: the old instance runs until it has been stopped.
 */
export function planInstances(
  desired: readonly DesiredWorkload[],
  observed: readonly InstanceObservation[],
  reserved: readonly ReservedOrdinal[] = [],
): Pick<DriverPlan, "starts" | "stops"> {
  const running = observed.filter((instance) => instance.state === "running");
  const starts: DriverPlan["starts"][number][] = [];
  const stops: DriverPlan["stops"][number][] = [];
  for (const { workload, replicas } of desired) {
    const { service, specHash } = workload;
    const isOwn = (entry: ReservedOrdinal): boolean => entry.service === service && entry.specHash === specHash;
    const own = running.filter(isOwn).toSorted((a, b) => b.ordinal - a.ordinal);
    const missing = replicas - own.length - reserved.filter(isOwn).length;
    const taken = new Set(
      [...running, ...reserved, ...starts].filter((entry) => entry.service === service).map((entry) => entry.ordinal),
    );
    for (let ordinal = 0, found = 0; found < missing; ordinal++) {
      if (taken.has(ordinal)) continue;
      starts.push({ service, specHash, ordinal });
      found++;
    }
    for (const instance of own.slice(0, Math.max(0, -missing))) stops.push({ service, handle: instance.handle });
  }
  return { starts, stops };
}
