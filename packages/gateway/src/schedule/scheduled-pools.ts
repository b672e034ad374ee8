// Which pools are scheduled, and by which number each is known: the pools that models are served by, and those of routes that name a priority
// (docs/decisions/0010, 0018), and those that name how their endpoints are chosen or how they are scheduled. Numbers are given out by the main thread and stay as long as the pool does.
import { providerPoolId, type Snapshot } from "@flyball/core";
import { MAX_POOLS } from "./queue-counts.ts";

/** Numbers by pool id. */
export type PoolNumbers = Readonly<Record<string, number>>;

/** Gives pools their numbers. */
export interface PoolNumbering {
  /** Numbers of the scheduled pools of a snapshot; a pool beyond `MAX_POOLS` has none, and is not scheduled. */
  assign(snapshot: Snapshot): PoolNumbers;
  /** Every worker serves exactly this snapshot: numbers of other pools may be given to new ones. */
  retain(snapshot: Snapshot): void;
}

/** Creates a numbering in which all numbers are free. */
export function createPoolNumbering(): PoolNumbering {
  const numbers = new Map<string, number>();
  const retired = new Set<string>();
  const free: number[] = [];
  let next = 0;
  const take = (): number | undefined => {
    if (free.length > 0) return free.pop();
    if (next < MAX_POOLS) return next++;
    for (const id of retired) {
      const number = numbers.get(id);
      numbers.delete(id);
      retired.delete(id);
      if (number !== undefined) return number;
    }
    return undefined;
  };
  return {
    assign(snapshot) {
      const found: Record<string, number> = {};
      for (const id of scheduledPoolIds(snapshot)) {
        const number = numbers.get(id) ?? take();
        if (number === undefined) continue;
        numbers.set(id, number);
        retired.delete(id);
        found[id] = number;
      }
      return found;
    },
    retain(snapshot) {
      const kept = scheduledPoolIds(snapshot);
      for (const id of numbers.keys()) if (!kept.has(id)) retired.add(id);
    },
  };
}

/** Ids of the pools that are scheduled. */
export function scheduledPoolIds({ models, routes, pools }: Snapshot): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { backends } of models) {
    for (const backend of backends) ids.add(backend.kind === "pool" ? backend.pool : providerPoolId(backend));
  }
  for (const { priority, destination } of routes) {
    if (priority === undefined || destination.kind !== "pools") continue;
    for (const { pool } of destination.pools) ids.add(pool);
  }
  for (const { id, balance, schedule } of pools) if (balance !== undefined || schedule !== undefined) ids.add(id);
  return ids;
}

/** Ids of the pools whose own endpoints read prompts: what they take at once is bounded by prompts and memory too. */
export function modelPoolIds({ models }: Snapshot): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { backends } of models) for (const backend of backends) if (backend.kind === "pool") ids.add(backend.pool);
  return ids;
}
