// How many instances a service shall have: those that get requests, and its spares.
import type { ServiceSpec } from "@flyball/core";

/** Their number; none where none shall serve. */
export function wantedInstances({ replicas, warm }: Pick<ServiceSpec, "replicas" | "warm">): number {
  return replicas === 0 ? 0 : replicas + (warm ?? 0);
}
