// Counts that only rise.
import type { MetricDefinition, MetricFamily } from "./metric-family.ts";
import { createSeriesMap } from "./series-map.ts";

/** One series of a counter. */
export interface CounterSeries {
  add(amount?: number): void;
}

/** A counter with labels. */
export interface Counter {
  /** Look it up once, keep it. */
  series(...labels: string[]): CounterSeries;
  remove(...labels: string[]): void;
  collect(): MetricFamily;
}

/** Creates a counter. */
export function createCounter(definition: MetricDefinition): Counter {
  const labelNames = definition.labelNames ?? [];
  const map = createSeriesMap(labelNames, definition.maxSeries, () => {
    const series = {
      value: 0,
      add(amount = 1): void {
        series.value += amount;
      },
    };
    return series;
  });
  return {
    series: (...labels) => map.get(labels),
    remove: (...labels) => map.remove(labels),
    collect: () => ({
      name: definition.name,
      help: definition.help,
      type: "counter",
      labelNames,
      samples: Array.from(map.entries(), ({ labels, series }) => ({ labels, value: series.value })),
    }),
  };
}
