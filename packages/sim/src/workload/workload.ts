// What a run is about: requests, the replicas that serve them, what happens to those, and what is judged.
import type { Objective } from "../metrics/objective.ts";
import type { Fault } from "../pool/fault.ts";
import type { ReplicaSpec } from "../pool/replica.ts";
import type { TraceRequest } from "../trace/trace-request.ts";

/** One workload at one load and seed. */
export interface Workload {
  readonly name: string;
  /** By arrival; `id` is the place in the list. */
  readonly requests: readonly TraceRequest[];
  /** Strictly before the first request. */
  readonly history: readonly TraceRequest[];
  readonly replicas: readonly ReplicaSpec[];
  readonly judged: { readonly fromMs: number; readonly toMs: number };
  readonly objective: Objective;
  /** Tokens of one prefix block; 0: none are known. */
  readonly blockTokens: number;
  readonly faults?: readonly Fault[];
}
