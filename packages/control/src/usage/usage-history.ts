// What instances used over the last quarter of an hour, by place: an instance that was started again goes on in the place of the one before,
// so a peak that ended in a crash is not forgotten with it. In memory only.

/** One place's measurements, oldest first. */
export interface UsageSamples {
  readonly at: readonly number[];
  /** Processors in use; absent in the first measurement of an instance. */
  readonly cpus: readonly number[];
  readonly memoryBytes: readonly number[];
}

/** The history. Bounded: 1,000 places with 500 measurements each; the places that were silent longest go first. */
export interface UsageHistory {
  add(
    instance: string,
    sample: { readonly at: number; readonly cpus: number | undefined; readonly memoryBytes: number },
  ): void;
  /** undefined: never measured, or not in the window. */
  of(instance: string, now: number): UsageSamples | undefined;
}

/** How far back it reaches. */
export const USAGE_WINDOW_MS = 900_000;
const MOST_SAMPLES = 500;
const MOST_PLACES = 1_000;

interface Place {
  readonly at: number[];
  readonly cpus: number[];
  readonly memoryBytes: number[];
}

/** An empty history. */
export function createUsageHistory(): UsageHistory {
  const places = new Map<string, Place>();
  return {
    add(instance, { at, cpus, memoryBytes }) {
      const place = places.get(instance) ?? { at: [], cpus: [], memoryBytes: [] };
      // Last in the map: the first is the one that was silent longest.
      places.delete(instance);
      places.set(instance, place);
      place.at.push(at);
      place.memoryBytes.push(memoryBytes);
      place.cpus.push(cpus ?? Number.NaN);
      if (place.at.length > MOST_SAMPLES) for (const list of Object.values(place)) (list as number[]).shift();
      const [oldest] = places.keys();
      if (places.size > MOST_PLACES && oldest !== undefined) places.delete(oldest);
    },
    of(instance, now) {
      const place = places.get(instance);
      const from = place?.at.findIndex((at) => now - at <= USAGE_WINDOW_MS) ?? -1;
      if (place === undefined || from < 0) return undefined;
      return {
        at: place.at.slice(from),
        cpus: place.cpus.slice(from).filter((value) => !Number.isNaN(value)),
        memoryBytes: place.memoryBytes.slice(from),
      };
    },
  };
}
