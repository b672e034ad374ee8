import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createMemoryForecast, MOMENTS, needOf } from "./memory-forecast.ts";
import { createTrueSizer } from "./sizers/sizer.ts";
import type { World } from "./policy.ts";
import type { SimRequest } from "../trace/trace-request.ts";

const known = (tokens: number): Parameters<typeof needOf>[2] =>
  createTrueSizer({} as World, () => tokens).estimate({ id: 0 } as SimRequest);

describe("memory forecast", () => {
  it("foresees that an answer grows by a token a step and is then gone", () => {
    const need = needOf(1_000, 50, known(200));
    const at = (moment: number): number => need[MOMENTS.indexOf(moment)] as number;
    expect([at(0), at(32), at(128)]).toEqual([1_050, 1_082, 1_178]);
    // It ends at 150, between 128 and 192: until then it may need what the later moment asks for.
    expect([at(192), at(256), at(16_384)]).toEqual([1_242, 0, 0]);
  });

  it("lets two in whose peaks come one after another, and not two that grow together", () => {
    const long = needOf(100, 0, known(1_000));
    const short = needOf(700, 0, known(40));
    const forecast = createMemoryForecast();
    forecast.add(long);
    // 100 + 64 and 700 + 64 fit into 930; when the long one needs 1,100 the short one has long ended.
    expect(forecast.fits(short, 930)).toBe(true);
    expect(forecast.fits(long, 1_100)).toBe(false);
  });

  it("is empty again when all are gone, and never foresees less for more requests", () => {
    const request = fc.record({
      input: fc.nat(5_000),
      delivered: fc.nat(500),
      more: fc.integer({ min: 1, max: 3_000 }),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 20 }), (requests) => {
        const forecast = createMemoryForecast();
        const needs = requests.map(({ input, delivered, more }) => needOf(input, delivered, known(delivered + more)));
        let peak = 0;
        for (const need of needs) {
          forecast.add(need);
          expect(forecast.peak).toBeGreaterThanOrEqual(peak);
          peak = forecast.peak;
        }
        for (const need of needs) forecast.remove(need);
        expect(forecast.peak).toBe(0);
      }),
    );
  });
});
