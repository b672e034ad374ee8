// How those who wait are ordered. Every knob has its unit and its default here, once; those that a manifest names have them in core.
import { DEFAULT_SCHEDULE, DEFAULT_TENANT_WEIGHT, PRIORITIES, type Schedule } from "@flyball/core";

/** The order within one tenant. */
export type TenantOrder =
  /** Least remaining work first; a share of the grants (0–1) goes to the oldest, when that is late. */
  | { readonly kind: "shortest"; readonly oldestShare: number }
  /** γ-boost: by arrival, moved forward the more, the less work is left. A small γ is nearly "shortest", a large one "arrival". */
  | { readonly kind: "boost"; readonly gammaPerSecond: number }
  | { readonly kind: "arrival" };

/** All of the order. */
export interface OrderOptions {
  /** Shares of the classes while all of them wait, highest class first; classes beyond the last have its weight. */
  readonly classWeights: readonly number[];
  readonly withinTenant: TenantOrder;
  /** A tenant's oldest is late when it has waited so many times as long as it would have in order of arrival. */
  readonly oldestWaitRatio: number;
  /** A tenant's share against others of its class (> 0). */
  readonly tenantWeight: (tenant: string) => number;
  /** What a prompt token that is to be read and a token of an answer count in a tenant's counter. */
  readonly inputCharge: number;
  readonly outputCharge: number;
  /**
   * A tenant within its fair share comes first as soon as its mean wait is above this multiple of what it would be if all were served in
   * order of arrival. Below 2, so that the promise of 2 is kept with a margin. Where its weight is less than the mean of those who wait too, it
   * is promised as much less. Infinity: no such guard.
   */
  readonly waitRatio: number;
  /**
   * Share of every endpoint's slots and memory (0–1) that a tenant leaves free for others while it asks for more than three times what they ask
   * for in the mean; no more than 2.75 times what they ask for in all. 0: nobody has to.
   */
  readonly headroom: number;
  /** The first in order, when it fits nowhere, keeps an endpoint free for itself after so many others were granted before it. */
  readonly claimAfterSkips: number;
  /** Tenants remembered in a class beside those with requests; the one that has been away longest is forgotten. */
  readonly maxTenants: number;
}

/** What of the order can be changed while requests wait. The number of classes stays. */
export type OrderChange = Pick<OrderOptions, "classWeights" | "withinTenant" | "tenantWeight">;

/** One turn in four is the oldest's, once it is late. */
const OLDEST_SHARE = 0.25;

/** The order that a schedule names: its classes with the highest first, and the order within a tenant. */
export function orderOf({
  classWeights,
  order,
  gammaPerSecond,
}: Pick<Schedule, "classWeights" | "order" | "gammaPerSecond">): Pick<OrderOptions, "classWeights" | "withinTenant"> {
  return {
    classWeights: PRIORITIES.toReversed().map((priority) => classWeights[priority]),
    withinTenant: withinTenantOf(order, gammaPerSecond),
  };
}

function withinTenantOf(order: Schedule["order"], gammaPerSecond: number): TenantOrder {
  switch (order) {
    case "srtf":
      return { kind: "shortest", oldestShare: OLDEST_SHARE };
    case "boost":
      return { kind: "boost", gammaPerSecond };
    case "arrival":
      return { kind: "arrival" };
    default:
      return order satisfies never;
  }
}

/** The classes and the order within a tenant are a schedule's own; equal tenants; an answer's token counts two of a prompt's. */
export const DEFAULT_ORDER: OrderOptions = Object.freeze({
  ...orderOf(DEFAULT_SCHEDULE),
  oldestWaitRatio: 3,
  tenantWeight: () => DEFAULT_TENANT_WEIGHT,
  inputCharge: 1,
  outputCharge: 2,
  waitRatio: 1.25,
  headroom: 0.5,
  claimAfterSkips: 16,
  maxTenants: 4_096,
});
