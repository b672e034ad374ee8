// From values to places on paper, and where the marks of an axis stand.

/** One axis of a plot. */
export interface PlotAxis {
  /** Place of a value: 0 at the beginning of the axis, 1 at its end; held within. */
  readonly place: (value: number) => number;
  readonly ticks: readonly number[];
}

const WANTED_TICKS = 6;

/** From 0 (or `from`) to a round number at or above the greatest value. */
export function linearAxis(greatest: number, from = 0): PlotAxis {
  const span = Math.max(greatest - from, Number.EPSILON);
  const rough = span / WANTED_TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10) * power;
  const count = Math.max(1, Math.ceil(span / step - 1e-9));
  const end = from + count * step;
  return {
    place: (value) => clamp((value - from) / (end - from)),
    ticks: Array.from({ length: count + 1 }, (_, index) => Number((from + index * step).toPrecision(12))),
  };
}

/** Powers of ten with 2 and 5 between where there are few. Both values are above 0. */
export function logAxis(least: number, greatest: number): PlotAxis {
  const low = Math.floor(Math.log10(least));
  const high = Math.max(low + 1, Math.ceil(Math.log10(greatest)));
  const factors = high - low <= 3 ? [1, 2, 5] : [1];
  const ticks = Array.from({ length: high - low }, (_, index) =>
    factors.map((factor) => factor * 10 ** (low + index)),
  ).flat();
  return {
    place: (value) => clamp((Math.log10(Math.max(value, 10 ** low)) - low) / (high - low)),
    ticks: [...ticks, 10 ** high].map((tick) => Number(tick.toPrecision(12))),
  };
}

function clamp(share: number): number {
  return Math.min(1, Math.max(0, share));
}
