import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { boundContexts, growthIn, lastSpan, SPANS } from "./memory-forecast.ts";

const request = fc.record({
  context: fc.integer({ min: 1, max: 20_000 }),
  remaining: fc.integer({ min: 1, max: 30_000 }),
});
type Held = { readonly context: number; readonly remaining: number };

/** Memory in use after so many steps. */
function memoryAt(held: readonly Held[], step: number): number {
  return held.reduce((sum, { context, remaining }) => sum + (step <= remaining ? context + step : 0), 0);
}

function forecast(held: readonly Held[]): Int32Array {
  const spans = new Int32Array(SPANS);
  for (const { context, remaining } of held) {
    for (let span = 0; span <= lastSpan(remaining); span += 1)
      spans[span] = (spans[span] as number) + context + growthIn(span, remaining);
  }
  return spans;
}

/** The span that a step falls into: that of a request that ends then. */
const spanOf = lastSpan;

describe("the memory forecast", () => {
  it("is never below what is in use at any step, and no more than all at their ends", () => {
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 1, maxLength: 20 }),
        fc.array(fc.integer({ min: 0, max: 30_000 })),
        (held, more) => {
          const spans = forecast(held);
          for (const step of [...more, ...held.map(({ remaining }) => remaining)]) {
            expect(spans[spanOf(step)]).toBeGreaterThanOrEqual(memoryAt(held, step));
          }
          const most = held.reduce((sum, { context, remaining }) => sum + context + remaining, 0);
          expect(Math.max(...spans)).toBeLessThanOrEqual(most);
        },
      ),
    );
  });

  it("sees that answers end one after the other", () => {
    const held = Array.from({ length: 16 }, (_, index) => ({ context: 100, remaining: 1_000 * (index + 1) }));
    const atEnds = held.reduce((sum, { context, remaining }) => sum + context + remaining, 0);
    expect(Math.max(...forecast(held))).toBeLessThan(0.75 * atEnds);
  });

  it("says in two comparisons whether a request has room in all spans that it lives to see", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: SPANS, maxLength: SPANS }),
        request,
        (free, one) => {
          const memory = Int32Array.from(free);
          const bounds = new Int32Array(SPANS);
          boundContexts(memory, bounds, 0);
          const last = lastSpan(one.remaining);
          const hasRoom =
            one.context <= (bounds[last] as number) && one.context + one.remaining <= (memory[last] as number);
          const expected = free.every(
            (room, span) => span > last || one.context + growthIn(span, one.remaining) <= room,
          );
          expect(hasRoom).toBe(expected);
        },
      ),
    );
  });
});
