// Which workloads cannot run beside their own replacement where instances share one machine's ports.
import type { Workload } from "@flyball/core";

/** See `KnowsExclusives`: a tcp address is given out directly and must not move; a fixed port can be listened on once. */
export function exclusiveReason(workload: Workload): string | undefined {
  for (const port of workload.ports) {
    if (port.protocol === "tcp") return `dependants hold the address of its tcp port ${port.name}`;
    if (port.port !== undefined) return `only one instance can listen on port ${port.port}`;
  }
  return undefined;
}
