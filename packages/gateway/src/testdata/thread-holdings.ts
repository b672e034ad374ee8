// What one thread of a gateway still holds, whoever keeps it: timers, sockets, maps and sets with all that is in them, and its heap after a
// collection of garbage. It asks the engine, so no part of the gateway has to be told that it is watched, and none can be forgotten.
import { Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { getHeapStatistics, queryObjects } from "node:v8";

/** Counts of one thread, or the sum of several. */
export interface ThreadHoldings {
  /** Timers that something still holds, those too that keep no process alive. */
  readonly timers: number;
  readonly sockets: number;
  /** Maps and sets. */
  readonly maps: number;
  /** What stands in all of them. */
  readonly entries: number;
  readonly heapBytes: number;
}

const SIZE = /^\w*(?:Map|Set)\((\d+)\)/;

/**
 * Looks at the thread that calls it. Collects garbage: for tests and soaks. Each look holds the thread up, on a busy machine for seconds; in
 * between it shows the gateway that it is alive.
 */
export async function takeThreadHoldings(): Promise<ThreadHoldings> {
  const probe = setTimeout(() => undefined, 0);
  clearTimeout(probe);
  // The probe itself is one.
  const timers = (await count(probe.constructor)) - 1;
  const sockets = await count(Socket);
  const sizes = [...(await sizesOf(Map)), ...(await sizesOf(Set))];
  const entries = sizes.reduce((sum, size) => sum + size, 0);
  return { timers, sockets, maps: sizes.length, entries, heapBytes: getHeapStatistics().used_heap_size };
}

async function count(kind: unknown): Promise<number> {
  await setImmediate();
  return queryObjects(kind as () => object, { format: "count" }) as unknown as number;
}

async function sizesOf(kind: unknown): Promise<readonly number[]> {
  await setImmediate();
  const summaries = queryObjects(kind as () => object, { format: "summary" }) as unknown as readonly string[];
  return summaries.flatMap((text) => SIZE.exec(text)?.[1] ?? []).map(Number);
}

/** The sum over threads. */
export function addHoldings(all: readonly ThreadHoldings[]): ThreadHoldings {
  const sum = (name: keyof ThreadHoldings): number => all.reduce((total, holdings) => total + holdings[name], 0);
  return {
    timers: sum("timers"),
    sockets: sum("sockets"),
    maps: sum("maps"),
    entries: sum("entries"),
    heapBytes: sum("heapBytes"),
  };
}
