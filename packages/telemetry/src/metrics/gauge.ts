// Values that rise and fall.
import type { MetricDefinition, MetricFamily } from "./metric-family.ts";
import { createSeriesMap } from "./series-map.ts";

/** One series of a gauge. */
export interface GaugeSeries {
  set(value: number): void;
  add(amount: number): void;
}

/** A gauge with labels. */
export interface Gauge {
  series(...labels: string[]): GaugeSeries;
  remove(...labels: string[]): void;
  collect(): MetricFamily;
}

/** Creates a gauge. */
export function createGauge(definition: MetricDefinition): Gauge {
  const labelNames = definition.labelNames ?? [];
  const map = createSeriesMap(labelNames, definition.maxSeries, () => {
    const series = {
      value: 0,
      set(value: number): void {
        series.value = value;
      },
      add(amount: number): void {
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
      type: "gauge",
      labelNames,
      samples: Array.from(map.entries(), ({ labels, series }) => ({ labels, value: series.value })),
    }),
  };
}
