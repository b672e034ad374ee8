// What counters, gauges and histograms have in common: a bounded set of series by label values, collected as plain data.
import type { MetricDefinition, MetricFamily, MetricSample } from "./metric-family.ts";
import { createSeriesMap } from "./series-map.ts";

/** A metric with labels, whatever one of its series can do. */
export interface Metric<Series> {
  /** Look it up once, keep it. */
  series(...labels: string[]): Series;
  remove(...labels: string[]): void;
  collect(): MetricFamily;
}

/** What tells one kind from another. */
interface MetricKind<State> {
  readonly type: MetricFamily["type"];
  readonly bounds?: readonly number[];
  readonly create: () => State;
  readonly read: (state: State) => Omit<MetricSample, "labels">;
}

/** Creates a metric of a kind. */
export function createMetric<State>(definition: MetricDefinition, kind: MetricKind<State>): Metric<State> {
  const { name, help, labelNames = [], maxSeries } = definition;
  const { type, bounds, create, read } = kind;
  const map = createSeriesMap(labelNames, maxSeries, create);
  return {
    series: (...labels) => map.get(labels),
    remove: (...labels) => map.remove(labels),
    collect: () => ({
      name,
      help,
      type,
      labelNames,
      ...(bounds === undefined ? {} : { bounds }),
      samples: Array.from(map.entries(), ({ labels, series }) => ({ labels, ...read(series) })),
    }),
  };
}
