// The exposition format, because a scraper that cannot read a line drops the whole page.

import { describe, expect, it } from "vitest";
import { createHistogram, histogramText, metricText } from "./metric-text.ts";

describe("metricText", () => {
  it("escapes label values", () => {
    const text = metricText("a_total", "counter", "Things.", [{ labels: { name: 'x"\\\n' }, value: 3 }]);
    expect(text).toBe('# HELP a_total Things.\n# TYPE a_total counter\na_total{name="x\\"\\\\\\n"} 3\n');
  });
});

describe("histogramText", () => {
  it("counts a value in every bucket whose bound it does not exceed", () => {
    const histogram = createHistogram([0.1, 1]);
    for (const value of [0.1, 0.5, 7]) histogram.observe(value);
    expect(histogramText("h_seconds", "Time.", { m: "x" }, histogram).split("\n").slice(2)).toEqual([
      'h_seconds_bucket{m="x",le="0.1"} 1',
      'h_seconds_bucket{m="x",le="1"} 2',
      'h_seconds_bucket{m="x",le="+Inf"} 3',
      'h_seconds_sum{m="x"} 7.6',
      'h_seconds_count{m="x"} 3',
      "",
    ]);
  });
});
