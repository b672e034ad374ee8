// What a snapshot says of a pool's scheduling, in the form in which schedulers and placers take it. What it does not say is as by default.
import {
  completeSchedule,
  DEFAULT_TENANT_WEIGHT,
  type BalanceAlgorithm,
  type ScheduleSpec,
  type Snapshot,
} from "@flyball/core";
import { DEFAULT_AFFINITY, orderOf, type AffinityOptions, type OrderChange, type PrefixIndex } from "@flyball/traffic";

/** The knobs of a pool. */
export interface PoolKnobs {
  /** undefined: by own load. */
  readonly balance: BalanceAlgorithm | undefined;
  readonly schedule?: ScheduleSpec | undefined;
}

/** Weights by tenant; who is not in it has the weight of everybody. */
export type TenantWeights = ReadonlyMap<string, number>;

/** Those of tenants that have one. */
export function tenantWeightsOf({ tenants = [] }: Snapshot): TenantWeights {
  return new Map(tenants.flatMap(({ id, weight }) => (weight === undefined ? [] : [[id, weight] as const])));
}

/** How those who wait are ordered. */
export function orderOfPool({ schedule }: PoolKnobs, weights: TenantWeights): OrderChange {
  return {
    ...orderOf(completeSchedule(schedule)),
    tenantWeight: (tenant) => weights.get(tenant) ?? DEFAULT_TENANT_WEIGHT,
  };
}

/** Where prompts are known, as far as that is looked at, and from when on an endpoint counts as one that knows a prompt. */
export function affinityOfPool(
  { schedule }: PoolKnobs,
  prefixes: PrefixIndex,
): { readonly prefixes: PrefixIndex | undefined; readonly affinity: AffinityOptions } {
  const { hasPrefixAffinity, prefixThreshold } = completeSchedule(schedule);
  return {
    prefixes: hasPrefixAffinity ? prefixes : undefined,
    affinity: { ...DEFAULT_AFFINITY, matchShare: prefixThreshold },
  };
}
