// All workloads of the bench, in the order in which they are run.
import { W9 } from "./autoscale.ts";
import { W10, W11 } from "./disturbed.ts";
import { W1, W3, W5 } from "./homogeneous.ts";
import { W7, W8 } from "./mixed-pool.ts";
import { W6, W6_BEHAVED, W6_ISOLATED } from "./tenants.ts";
import type { WorkloadDefinition } from "./definition.ts";

export const ALL_WORKLOADS: readonly WorkloadDefinition[] = [
  W3,
  W1,
  W5,
  W7,
  W8,
  W6_BEHAVED,
  W6,
  W6_ISOLATED,
  W9,
  W10,
  W11,
];

/** By its id; undefined: there is none. */
export function workloadOf(id: string): WorkloadDefinition | undefined {
  return ALL_WORKLOADS.find((workload) => workload.id === id);
}
