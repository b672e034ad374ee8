// How long answers usually let wait, as the workers said last: kept for workers and gateways that begin anew. Bounded: of the pools that were told of least
// lately the oldest go, and of one pool the workers keep at most 256 kinds of requests themselves.
import type { LearnedWait } from "../evidence/usual-waits.ts";
import type { LearnedPool } from "../worker/worker-messages.ts";

const MOST_POOLS = 4_096;
const MOST_KINDS = 1_024;

/** The keeper. */
export interface WaitKeeper {
  /** Takes what a worker has learned; whether it is news. */
  add(pools: readonly LearnedPool[]): boolean;
  all(): readonly LearnedPool[];
}

/** Begins with what was kept. */
export function createWaitKeeper(saved: readonly LearnedPool[]): WaitKeeper {
  const pools = new Map<string, Map<string, LearnedWait>>();
  const add = (told: readonly LearnedPool[]): boolean => {
    let isNews = false;
    for (const { pool, learned } of told) {
      const waits = pools.get(pool) ?? new Map<string, LearnedWait>();
      pools.delete(pool);
      pools.set(pool, waits);
      for (const wait of learned) {
        const key = `${wait.kind} ${wait.name}`;
        const known = waits.get(key);
        isNews ||= known?.firstByteMs !== wait.firstByteMs || known?.silenceMs !== wait.silenceMs;
        waits.delete(key);
        waits.set(key, wait);
        if (waits.size > MOST_KINDS) waits.delete(waits.keys().next().value as string);
      }
    }
    while (pools.size > MOST_POOLS) pools.delete(pools.keys().next().value as string);
    return isNews;
  };
  add(saved);
  return { add, all: () => [...pools].map(([pool, waits]) => ({ pool, learned: [...waits.values()] })) };
}
