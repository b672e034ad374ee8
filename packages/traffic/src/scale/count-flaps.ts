// A flap: replicas are added again soon after some were taken away, so that the removal bought a cold start and nothing else.

/** A change of the number of replicas. */
export interface ReplicaChange {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

/** Whether a change is a flap after the one before it. */
export function isFlap(before: ReplicaChange | undefined, change: ReplicaChange, withinMs: number): boolean {
  if (before === undefined) return false;
  return before.to < before.from && change.to > change.from && change.at - before.at <= withinMs;
}

/** The flaps among changes in the order of time. */
export function countFlaps(changes: readonly ReplicaChange[], withinMs: number): number {
  return changes.filter((change, index) => isFlap(changes[index - 1], change, withinMs)).length;
}
