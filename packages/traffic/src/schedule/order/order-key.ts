// The number that orders a tenant's requests; lower goes first. It is fixed when a request comes, because time moves all keys of one kind
// alike, so a heap stays right while everybody gets older.
import type { TenantOrder } from "./order-options.ts";

/** No request is so short that it would overtake everything that ever came. */
const LEAST_WORK_MS = 1e-3;

/**
 * The key. `workMs` is what is left: T − C of design §7. Example: T = 20, 30, 10 with C = 5, 10, 3 leave 15, 20, 7: the order is 3, 1, 2.
 * γ-boost: arrival − (1/γ)·ln(1/(1 − e^(−γ·s))) (Yu and Scully, SIGMETRICS 2024; UniBoost, ICML 2026), s and 1/γ in the same unit.
 */
export function orderKey(order: TenantOrder, arrivedAt: number, workMs: number): number {
  switch (order.kind) {
    case "shortest":
      return workMs;
    case "boost": {
      const gammaPerMs = order.gammaPerSecond / 1_000;
      return arrivedAt + Math.log(-Math.expm1(-gammaPerMs * Math.max(LEAST_WORK_MS, workMs))) / gammaPerMs;
    }
    case "arrival":
      return arrivedAt;
    default:
      return order satisfies never;
  }
}
