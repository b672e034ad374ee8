import { describe, expect, it } from "vitest";
import { createCounter } from "./counter.ts";
import { createGauge } from "./gauge.ts";
import { createHistogram } from "./histogram.ts";

describe("metrics", () => {
  it("count, rise and fall, and distribute by their labels", () => {
    const counter = createCounter({ name: "c", help: "", labelNames: ["a"] });
    counter.series("x").add();
    counter.series("x").add(2);
    expect(counter.collect()).toMatchObject({ type: "counter", samples: [{ labels: ["x"], value: 3 }] });
    const gauge = createGauge({ name: "g", help: "" });
    gauge.series().set(5);
    gauge.series().add(-2);
    expect(gauge.collect()).toMatchObject({ type: "gauge", samples: [{ labels: [], value: 3 }] });
    const histogram = createHistogram({ name: "h", help: "" }, [1, 2]);
    for (const value of [0.5, 1, 1.5, 9]) histogram.series().observe(value);
    expect(histogram.collect()).toMatchObject({ bounds: [1, 2], samples: [{ value: 12, buckets: [2, 1, 1] }] });
  });

  it("forget a series that is removed, and keep one that was looked up before", () => {
    const counter = createCounter({ name: "c", help: "", labelNames: ["a"] });
    const kept = counter.series("x");
    counter.series("y").add();
    counter.remove("y");
    kept.add();
    expect(counter.collect().samples).toEqual([{ labels: ["x"], value: 1 }]);
    expect(counter.collect()).not.toHaveProperty("bounds");
  });
});
