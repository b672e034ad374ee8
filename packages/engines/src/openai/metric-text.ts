// The text exposition of Prometheus, as far as an engine needs it: gauges, counters and histograms with fixed labels.

/** A histogram with fixed upper bounds, in the unit of its values. */
export interface Histogram {
  observe(value: number): void;
  /** Values at or below each bound, then all of them; with their sum. */
  read(): { readonly cumulative: readonly number[]; readonly count: number; readonly sum: number };
  readonly bounds: readonly number[];
}

/** Creates an empty histogram; `bounds` must rise. Its memory is fixed by the bounds. */
export function createHistogram(bounds: readonly number[]): Histogram {
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  let sum = 0;
  return {
    bounds,
    observe(value) {
      const found = bounds.findIndex((bound) => value <= bound);
      const bucket = found < 0 ? bounds.length : found;
      counts[bucket] = (counts[bucket] ?? 0) + 1;
      sum += value;
    },
    read() {
      let running = 0;
      const cumulative = counts.map((count) => (running += count));
      return { cumulative, count: running, sum };
    },
  };
}

/** One measured value with its labels. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Lines of a gauge or counter. */
export function metricText(name: string, type: "gauge" | "counter", help: string, samples: readonly Sample[]): string {
  const lines = samples.map(({ labels, value }) => `${name}${labelText(labels)} ${value}`);
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines, ""].join("\n");
}

/** Lines of a histogram: buckets, sum, count. */
export function histogramText(
  name: string,
  help: string,
  labels: Readonly<Record<string, string>>,
  histogram: Histogram,
): string {
  const { cumulative, count, sum } = histogram.read();
  const buckets = [...histogram.bounds.map(String), "+Inf"].map(
    (bound, index) => `${name}_bucket${labelText({ ...labels, le: bound })} ${cumulative[index] ?? count}`,
  );
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} histogram`,
    ...buckets,
    `${name}_sum${labelText(labels)} ${sum}`,
    `${name}_count${labelText(labels)} ${count}`,
    "",
  ].join("\n");
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(
    ([name, value]) => `${name}="${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`,
  );
  return `{${pairs.join(",")}}`;
}
