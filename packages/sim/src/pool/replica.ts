// One replica: an engine's batch with the time that its steps take, its faults, and the requests on it.
import type { Random } from "@flyball/core";
import { createBatch, type Batch, type EngineProfile, type Sequence } from "@flyball/engine-model";
import type { TraceRequest } from "../trace/trace-request.ts";

/** How a replica is set up. */
export interface ReplicaSpec {
  readonly profile: EngineProfile;
  /** What an operator who knows the hardware would set; 1 unless said. */
  readonly handWeight?: number;
  /** Requests that wait in the engine at most; more are refused. */
  readonly maxWaiting?: number;
}

/** A replica in a run. */
export interface Replica {
  readonly profile: EngineProfile;
  readonly batch: Batch;
  /** Steps take so many times as long. */
  slowness: number;
  /** off: not started. starting: paid for, not ready. draining: takes nothing new. down: crashed. */
  state: "serving" | "starting" | "draining" | "down" | "off";
  isStepping: boolean;
  /** A crash makes the step in progress void: it belongs to an earlier life. */
  life: number;
  /** False: the engine's queue is full. */
  add(request: TraceRequest, priority: number): boolean;
  sequence(id: number): Sequence | undefined;
  forget(id: number): void;
  /** Everything on it is gone, its cache too. */
  crash(): void;
}

/** A replica that serves. */
export function createReplica(spec: ReplicaSpec, policy: "fcfs" | "priority", random: Random): Replica {
  const { profile, maxWaiting = 100_000 } = spec;
  const newBatch = (): Batch => createBatch(profile, { policy, random, maxWaiting });
  let batch = newBatch();
  let sequences = new Map<number, Sequence>();
  return {
    profile,
    get batch() {
      return batch;
    },
    slowness: 1,
    state: "serving",
    isStepping: false,
    life: 0,
    add(request, priority) {
      const { id, inputTokens, outputTokens, blocks } = request;
      const input = { id, promptTokens: inputTokens, outputTokens, priority };
      const sequence = batch.add(blocks.length > 0 ? { ...input, blocks } : input);
      if (sequence !== undefined) sequences.set(id, sequence);
      return sequence !== undefined;
    },
    sequence: (id) => sequences.get(id),
    forget(id) {
      sequences.delete(id);
    },
    crash() {
      batch = newBatch();
      sequences = new Map();
      this.state = "down";
      this.isStepping = false;
      this.life += 1;
    },
  };
}
