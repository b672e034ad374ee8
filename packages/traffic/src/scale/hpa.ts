// The formula of Kubernetes' HorizontalPodAutoscaler (autoscaling/v2) on the load of a pool, as a measure for the scaler of this package:
// desired = ⌈current · metric ÷ target⌉ every 15 s, none within a tolerance of 0.1, and down only to the highest wish of the last five
// minutes. The metric is what queue-length autoscaling reads: requests in flight and waiting for each serving replica.
// Source: the algorithm details in Kubernetes' documentation of horizontal pod autoscaling.
import type { PoolSample, ReplicaBounds, ReplicaFacts } from "./pool-sample.ts";

/** What it is set to; the defaults are Kubernetes' own. */
export interface HpaOptions extends ReplicaBounds {
  /** Load for each unit of capacity that is aimed at. */
  readonly target: number;
  readonly syncMs?: number;
  readonly tolerance?: number;
  readonly downAfterMs?: number;
}

/** Decides as an HPA. Bounded: one wish a sync for the stabilisation window. */
export interface Hpa {
  add(sample: PoolSample): void;
  decide(facts: ReplicaFacts): number;
}

/** An HPA that has seen nothing. */
export function createHpa(options: HpaOptions): Hpa {
  const { min, max, target, syncMs = 15_000, tolerance = 0.1, downAfterMs = 300_000 } = options;
  let last: PoolSample | undefined;
  let syncedAt = Number.NEGATIVE_INFINITY;
  let wishes: { readonly at: number; readonly wish: number }[] = [];
  return {
    add: (sample) => void (last = sample),
    decide({ now, current }) {
      if (last === undefined || last.serving === 0 || now - syncedAt < syncMs) return current;
      syncedAt = now;
      const ratio = (last.load + last.backlog) / (last.capacity * target);
      // Pods that are not ready count with no load when it grows, so the sum is over those that serve.
      const wish = Math.abs(ratio - 1) <= tolerance ? current : Math.ceil(last.serving * ratio);
      wishes = [...wishes.filter(({ at }) => now - at < downAfterMs), { at: now, wish }];
      const stabilised = wish < current ? Math.min(current, Math.max(...wishes.map((each) => each.wish))) : wish;
      return Math.min(max, Math.max(min, stabilised));
    },
  };
}
