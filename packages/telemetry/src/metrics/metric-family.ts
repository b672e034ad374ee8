// Metrics as plain data: what a worker hands to its main thread, what is merged over workers, what the exposition writes.

/** One number with its labels, in the order of the family's label names. */
export interface MetricSample {
  readonly labels: readonly string[];
  readonly value: number;
  /** Histograms only: counts per bucket (not cumulative), the last one above every bound; `value` is the sum. */
  readonly buckets?: readonly number[];
}

/** All samples of one name. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly labelNames: readonly string[];
  /** Histograms only: upper bounds, ascending, without +Inf. */
  readonly bounds?: readonly number[];
  readonly samples: readonly MetricSample[];
}

/** How a metric is declared. */
export interface MetricDefinition {
  readonly name: string;
  readonly help: string;
  readonly labelNames?: readonly string[];
  /** Label sets at once; further ones are counted under `other`. Default 1,000. */
  readonly maxSeries?: number;
}
