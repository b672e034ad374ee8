// Values that rise and fall.
import type { MetricDefinition } from "./metric-family.ts";
import { createMetric, type Metric } from "./metric.ts";
import { createNumber, readNumber } from "./number-series.ts";

/** One series of a gauge. */
export interface GaugeSeries {
  set(value: number): void;
  add(amount: number): void;
}

/** A gauge with labels. */
export type Gauge = Metric<GaugeSeries>;

/** Creates a gauge. */
export function createGauge(definition: MetricDefinition): Gauge {
  return createMetric(definition, { type: "gauge", create: createNumber, read: readNumber });
}
