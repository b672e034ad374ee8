// The series of counters and gauges: one number. Which of its functions a caller sees says the kind of the metric.

/** A number that can be set and added to. */
interface NumberSeries {
  value: number;
  set(value: number): void;
  add(amount?: number): void;
}

/** A series at zero. */
export function createNumber(): NumberSeries {
  const series: NumberSeries = {
    value: 0,
    set(value) {
      series.value = value;
    },
    add(amount = 1) {
      series.value += amount;
    },
  };
  return series;
}

/** What is collected of it. */
export function readNumber({ value }: NumberSeries): { readonly value: number } {
  return { value };
}
