// Adds the metrics of several workers up to one view. Counters, gauges and histogram buckets are sums; a family with other buckets or
// labels under the same name is a defect and is refused loudly.
import type { MetricFamily, MetricSample } from "./metric-family.ts";

/** One list of families from many; families and samples keep the order of their first appearance. */
export function mergeFamilies(lists: readonly (readonly MetricFamily[])[]): MetricFamily[] {
  const merged = new Map<string, { family: MetricFamily; samples: Map<string, MetricSample> }>();
  for (const family of lists.flat()) {
    const entry = merged.get(family.name) ?? { family, samples: new Map() };
    merged.set(family.name, entry);
    if (!isSameShape(entry.family, family)) {
      throw new Error(`the metric ${family.name} has two shapes`);
    }
    for (const sample of family.samples) {
      const key = sample.labels.join("\u0000");
      const known = entry.samples.get(key);
      entry.samples.set(key, known ? addSamples(known, sample) : sample);
    }
  }
  return Array.from(merged.values(), ({ family, samples }) => ({
    ...family,
    samples: [...samples.values()],
  }));
}

function isSameShape(a: MetricFamily, b: MetricFamily): boolean {
  return (
    a.type === b.type &&
    a.labelNames.join() === b.labelNames.join() &&
    (a.bounds ?? []).join() === (b.bounds ?? []).join()
  );
}

function addSamples(a: MetricSample, b: MetricSample): MetricSample {
  const value = a.value + b.value;
  if (!a.buckets) return { labels: a.labels, value };
  return { labels: a.labels, value, buckets: a.buckets.map((n, i) => n + (b.buckets?.[i] ?? 0)) };
}
