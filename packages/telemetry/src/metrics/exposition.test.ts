import { describe, expect, it } from "vitest";
import { createCounter } from "./counter.ts";
import { writeExposition } from "./exposition.ts";
import { createGauge } from "./gauge.ts";
import { createHistogram } from "./histogram.ts";

describe("writeExposition", () => {
  it("writes counters and gauges with HELP and TYPE", () => {
    const requests = createCounter({ name: "requests_total", help: "All.", labelNames: ["pool"] });
    requests.series("web").add();
    requests.series("web").add(2);
    const open = createGauge({ name: "open", help: "Now." });
    open.series().set(4);
    open.series().add(-1);
    expect(writeExposition([requests.collect(), open.collect()])).toBe(
      "# HELP requests_total All.\n# TYPE requests_total counter\n" +
        'requests_total{pool="web"} 3\n# HELP open Now.\n# TYPE open gauge\nopen 3\n',
    );
  });

  it("escapes label values and help texts", () => {
    const odd = createCounter({ name: "odd_total", help: "back\\slash\nline", labelNames: ["a"] });
    odd.series('quote " back \\ line \n end').add();
    expect(writeExposition([odd.collect()])).toBe(
      "# HELP odd_total back\\\\slash\\nline\n# TYPE odd_total counter\n" +
        'odd_total{a="quote \\" back \\\\ line \\n end"} 1\n',
    );
  });

  it("writes histograms cumulatively with +Inf, sum and count", () => {
    const duration = createHistogram({ name: "d", help: "h", labelNames: ["p"] }, [0.1, 1]);
    for (const value of [0.1, 0.5, 0.5, 7]) duration.series("x").observe(value);
    expect(writeExposition([duration.collect()]).split("\n").slice(2, -1)).toEqual([
      'd_bucket{p="x",le="0.1"} 1',
      'd_bucket{p="x",le="1"} 3',
      'd_bucket{p="x",le="+Inf"} 4',
      'd_sum{p="x"} 8.1',
      'd_count{p="x"} 4',
    ]);
  });
});
