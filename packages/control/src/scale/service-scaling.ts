// What control knows of the scaling of one service: its scaler with what it has seen, its starts, its last decision and its changes.
import type { ScaleSpec } from "@flyball/core";
import { createScaler, type ReplicaChange, type ScaleDecision, type Scaler } from "@flyball/traffic";
import { createColdStarts, type ColdStarts } from "./cold-starts.ts";
import { createPoolLoads, type PoolLoads } from "./pool-loads.ts";

/** Mutable; begins anew when control does, so nothing is taken away before a whole window was seen again. */
export interface ServiceScaling {
  readonly policy: ScaleSpec;
  readonly scaler: Scaler;
  readonly coldStarts: ColdStarts;
  sampledAt: number;
  decision: ScaleDecision | undefined;
  lastChange: ReplicaChange | undefined;
  ups: number;
  downs: number;
  /** Additions soon after a removal. */
  flaps: number;
}

/** The scaling of all services; as many as the revision has. */
export interface Scaling {
  readonly loads: PoolLoads;
  readonly services: Map<string, ServiceScaling>;
}

/** Nothing is known. */
export function createScaling(): Scaling {
  return { loads: createPoolLoads(), services: new Map() };
}

/** That of a service, begun anew where its rule is another one now; counts and starts go on. */
export function scalingOf({ services }: Scaling, service: string, policy: ScaleSpec): ServiceScaling {
  const known = services.get(service);
  if (known !== undefined && isSame(known.policy, policy)) return known;
  const begun: ServiceScaling = {
    policy,
    scaler: createScaler(policy),
    coldStarts: known?.coldStarts ?? createColdStarts(),
    sampledAt: 0,
    decision: undefined,
    lastChange: known?.lastChange,
    ups: known?.ups ?? 0,
    downs: known?.downs ?? 0,
    flaps: known?.flaps ?? 0,
  };
  services.set(service, begun);
  return begun;
}

function isSame(one: ScaleSpec, other: ScaleSpec): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
