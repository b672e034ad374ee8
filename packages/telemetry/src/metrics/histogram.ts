// Distributions over fixed buckets. Fixed, so that histograms of several workers add up exactly.
import type { MetricDefinition } from "./metric-family.ts";
import { createMetric, type Metric } from "./metric.ts";

/** One series of a histogram. */
export interface HistogramSeries {
  observe(value: number): void;
}

/** A histogram with labels. */
export type Histogram = Metric<HistogramSeries>;

/** Request durations in seconds, 1 ms to 60 s. */
export const DURATION_BOUNDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];

/** Creates a histogram; `bounds` ascend and do not contain +Inf. */
export function createHistogram(definition: MetricDefinition, bounds: readonly number[] = DURATION_BOUNDS): Histogram {
  return createMetric(definition, {
    type: "histogram",
    bounds,
    create: () => createSeries(bounds),
    read: ({ sum, buckets }) => ({ value: sum, buckets: Array.from(buckets) }),
  });
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
