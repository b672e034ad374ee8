// The bounded set of label combinations of one metric. The lookup costs a string join, so callers on a hot path look a series up once
// and keep it; adding to it is then one addition. Beyond the bound every new combination shares one series named `other`: a client
// that invents label values can neither fill memory nor hide the total.

/** Label sets of one metric. */
export interface SeriesMap<T> {
  /** The series of these label values, created when new. Throws when the number of values is wrong. */
  get(labels: readonly string[]): T;
  /** Forgets a series, for example of an endpoint that is gone. */
  remove(labels: readonly string[]): void;
  entries(): Iterable<{ readonly labels: readonly string[]; readonly series: T }>;
}

const SEPARATOR = "\u0000";
const DEFAULT_MAX_SERIES = 1_000;

/** Creates an empty map. */
export function createSeriesMap<T>(
  labelNames: readonly string[],
  maxSeries: number | undefined,
  create: () => T,
): SeriesMap<T> {
  const bound = maxSeries ?? DEFAULT_MAX_SERIES;
  const map = new Map<string, { labels: readonly string[]; series: T }>();
  const other = labelNames.map(() => "other");
  const insert = (labels: readonly string[]): T => {
    const entry = { labels: [...labels], series: create() };
    map.set(labels.join(SEPARATOR), entry);
    return entry.series;
  };
  return {
    get(labels) {
      if (labels.length !== labelNames.length) {
        throw new Error(`expected the labels ${labelNames.join(", ")}, got ${labels.length} values`);
      }
      const found = map.get(labels.join(SEPARATOR));
      if (found) return found.series;
      if (map.size < bound) return insert(labels);
      return map.get(other.join(SEPARATOR))?.series ?? insert(other);
    },
    remove(labels) {
      map.delete(labels.join(SEPARATOR));
    },
    entries: () => map.values(),
  };
}
