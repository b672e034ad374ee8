// Counts that only rise.
import type { MetricDefinition } from "./metric-family.ts";
import { createMetric, type Metric } from "./metric.ts";
import { createNumber, readNumber } from "./number-series.ts";

/** One series of a counter. */
export interface CounterSeries {
  /** 1 unless given. */
  add(amount?: number): void;
}

/** A counter with labels. */
export type Counter = Metric<CounterSeries>;

/** Creates a counter. */
export function createCounter(definition: MetricDefinition): Counter {
  return createMetric(definition, { type: "counter", create: createNumber, read: readNumber });
}
