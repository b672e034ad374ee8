import { describe, expect, it } from "vitest";
import { createCounter } from "./counter.ts";

describe("label sets", () => {
  it("gives the same series for the same labels", () => {
    const counter = createCounter({ name: "c", help: "", labelNames: ["a", "b"] });
    expect(counter.series("x", "y")).toBe(counter.series("x", "y"));
    expect(counter.series("x", "y")).not.toBe(counter.series("xy", ""));
  });

  it("counts everything beyond the bound under `other`, so the total stays right", () => {
    const counter = createCounter({ name: "c", help: "", labelNames: ["a"], maxSeries: 2 });
    for (const label of ["1", "2", "3", "4", "1"]) counter.series(label).add();
    expect(counter.collect().samples).toEqual([
      { labels: ["1"], value: 2 },
      { labels: ["2"], value: 1 },
      { labels: ["other"], value: 2 },
    ]);
  });

  it("makes room when a series is removed", () => {
    const counter = createCounter({ name: "c", help: "", labelNames: ["a"], maxSeries: 1 });
    counter.series("1").add();
    counter.remove("1");
    counter.series("2").add();
    expect(counter.collect().samples).toEqual([{ labels: ["2"], value: 1 }]);
  });

  it("refuses a wrong number of labels", () => {
    const counter = createCounter({ name: "c", help: "", labelNames: ["a"] });
    expect(() => counter.series()).toThrow("expected the labels a");
  });
});
