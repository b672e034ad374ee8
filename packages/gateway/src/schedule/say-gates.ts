// What the latencies that this worker sees allow at each endpoint of its scheduled pools, written where the main thread reads it. The gate of a
// pool learns one number (docs/decisions/0010); endpoints share in it by their capacity.
import { isGateOpenToWaiting } from "@flyball/traffic";
import { MAX_CONNECTIONS } from "../upstream/max-connections.ts";
import type { Pool } from "../worker/pool.ts";
import { sayOffers } from "./pool-queue.ts";
import { gateCell } from "./schedule-memory.ts";
import type { WorkerSchedule } from "./worker-schedule.ts";

/** Says it for all pools. Called ten times a second. */
export function sayGates(schedule: WorkerSchedule, pools: Iterable<Pool>): void {
  for (const pool of pools) {
    if (pool.queue === undefined) continue;
    sayOffers(pool.queue);
    if (pool.serving.length > 0) sayGate(schedule, pool);
  }
}

function sayGate({ memory, row, clock }: WorkerSchedule, { gate, queue, serving }: Pool): void {
  let limit = gate.limit;
  // A limit that lets nobody in would learn nothing: after a silence one more is let in.
  const isFull = gate.inFlight >= limit && (queue?.waiting.size ?? 0) > 0;
  if (isFull && isGateOpenToWaiting(gate, clock.monotonic())) limit = gate.inFlight + 1;
  let capacity = 0;
  for (const endpoint of serving) capacity += endpoint.capacity;
  let before = 0;
  let given = 0;
  for (const { slot, capacity: own } of serving) {
    before += own;
    const share = Math.floor((limit * before) / capacity) - given;
    given += share;
    const cell = gateCell(row, slot.index);
    Atomics.store(memory.gates, cell, Math.min(MAX_CONNECTIONS, Math.max(1, share)));
  }
}
