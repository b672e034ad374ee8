// When a job counts as done: once and for all, or once for each revision.
import type { ServiceSpec } from "@flyball/core";

/** The key under which a run is remembered. */
export function jobKey(service: ServiceSpec, revision: number): string {
  return service.run === "once" ? "once" : String(revision);
}
