import { describe, expect, it } from "vitest";
import { createCounter } from "./counter.ts";
import { createHistogram } from "./histogram.ts";
import { mergeFamilies } from "./merge-families.ts";

const counted = (label: string, amount: number) => {
  const counter = createCounter({ name: "c", help: "h", labelNames: ["l"] });
  counter.series(label).add(amount);
  return counter.collect();
};

describe("mergeFamilies", () => {
  it("adds the samples with equal labels and keeps the others", () => {
    expect(mergeFamilies([[counted("a", 1)], [counted("a", 2)], [counted("b", 5)]])).toEqual([
      { ...counted("a", 3), samples: [...counted("a", 3).samples, ...counted("b", 5).samples] },
    ]);
  });

  it("adds histograms bucket by bucket", () => {
    const observed = (value: number) => {
      const histogram = createHistogram({ name: "h", help: "" }, [1, 2]);
      histogram.series().observe(value);
      return histogram.collect();
    };
    expect(mergeFamilies([[observed(1)], [observed(5)]])[0]?.samples).toEqual([
      { labels: [], value: 6, buckets: [1, 0, 1] },
    ]);
  });

  it("refuses two shapes under one name", () => {
    const other = { ...counted("a", 1), labelNames: ["x"] };
    expect(() => mergeFamilies([[counted("a", 1)], [other]])).toThrow("two shapes");
  });
});
