// What one thread of a gateway still holds, whoever keeps it: timers, sockets, maps and sets with all that is in them, and its heap after a
// collection of garbage. It asks the engine, so no part of the gateway has to be told that it is watched, and none can be forgotten.
import { Socket } from "node:net";
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

/** Looks at the thread that calls it. Collects garbage: for tests and soaks. */
export function takeThreadHoldings(): ThreadHoldings {
  const probe = setTimeout(() => undefined, 0);
  clearTimeout(probe);
  const count = (kind: unknown): number => queryObjects(kind as () => object, { format: "count" }) as unknown as number;
  const summaries = [Map, Set].flatMap(
    (kind) => queryObjects(kind as unknown as () => object, { format: "summary" }) as unknown as readonly string[],
  );
  const sizes = summaries.flatMap((text) => SIZE.exec(text)?.[1] ?? []);
  return {
    // The probe itself is one.
    timers: count(probe.constructor) - 1,
    sockets: count(Socket),
    maps: sizes.length,
    entries: sizes.reduce((sum, size) => sum + Number(size), 0),
    heapBytes: getHeapStatistics().used_heap_size,
  };
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
