// How long instances of a service take from their start until they serve, from those that were seen. The median of the last few: one start
// that had to fetch a model is not the rule.
import { isActive, type Instance } from "../observe/instance.ts";

/** The starts of one service. Bounded: the last eight, and the instances of before the last look. */
export interface ColdStarts {
  /** Looks at the instances; one that became ready since is a start more. */
  look(instances: readonly Instance[]): void;
  readonly medianMs: number;
}

/** Before any start was seen. */
const UNKNOWN_MS = 10_000;
const KEPT = 8;

/** None seen. */
export function createColdStarts(): ColdStarts {
  const durations: number[] = [];
  let known: ReadonlySet<string> = new Set();
  return {
    look(instances) {
      const ready = instances.filter((instance) => isActive(instance) && instance.readyAt !== undefined);
      for (const { handle, readyAt, startedAt } of ready) {
        if (known.has(handle)) continue;
        durations.push(Math.max(0, (readyAt ?? startedAt) - startedAt));
        if (durations.length > KEPT) durations.shift();
      }
      const seen = ready.map(({ handle }) => handle);
      known = new Set([...seen, ...instances.map(({ handle }) => handle).filter((handle) => known.has(handle))]);
    },
    get medianMs() {
      return durations.toSorted((a, b) => a - b)[Math.floor((durations.length - 1) / 2)] ?? UNKNOWN_MS;
    },
  };
}
