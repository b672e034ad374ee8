// Distributions over fixed buckets. Fixed, so that histograms of several workers add up exactly.
import type { MetricDefinition, MetricFamily } from "./metric-family.ts";
import { createSeriesMap } from "./series-map.ts";

/** One series of a histogram. */
export interface HistogramSeries {
  observe(value: number): void;
}

/** A histogram with labels. */
export interface Histogram {
  series(...labels: string[]): HistogramSeries;
  remove(...labels: string[]): void;
  collect(): MetricFamily;
}

/** Request durations in seconds, 1 ms to 60 s. */
export const DURATION_BOUNDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** Creates a histogram; `bounds` ascend and do not contain +Inf. */
export function createHistogram(definition: MetricDefinition, bounds: readonly number[] = DURATION_BOUNDS): Histogram {
  const labelNames = definition.labelNames ?? [];
  const map = createSeriesMap(labelNames, definition.maxSeries, () => createSeries(bounds));
  return {
    series: (...labels) => map.get(labels),
    remove: (...labels) => map.remove(labels),
    collect: () => ({
      name: definition.name,
      help: definition.help,
      type: "histogram",
      labelNames,
      bounds,
      samples: Array.from(map.entries(), ({ labels, series }) => ({
        labels,
        value: series.sum,
        buckets: Array.from(series.buckets),
      })),
    }),
  };
}

function createSeries(bounds: readonly number[]): HistogramSeries & { sum: number; buckets: Float64Array } {
  const series = {
    sum: 0,
    buckets: new Float64Array(bounds.length + 1),
    observe(value: number): void {
      series.sum += value;
      let index = 0;
      while (index < bounds.length && value > (bounds[index] as number)) index += 1;
      series.buckets[index] = (series.buckets[index] ?? 0) + 1;
    },
  };
  return series;
}
