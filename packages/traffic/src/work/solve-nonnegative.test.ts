import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { solveNonnegative } from "./solve-nonnegative.ts";

const number = fc.double({ min: -10, max: 10, noNaN: true });
const row = fc.tuple(number, number, number, number);

describe("solveNonnegative", () => {
  it("gives the plain solution when that is positive", () => {
    const [x, y] = solveNonnegative([2, 1, 1, 3], [5, 10]);
    expect(x).toBeCloseTo(1, 9);
    expect(y).toBeCloseTo(3, 9);
  });

  it("leaves out what would be negative", () => {
    expect(solveNonnegative([1, 0, 0, 1], [3, -2])).toEqual([3, 0]);
    expect(solveNonnegative([1, 0, 0, 1], [-3, -2])).toEqual([0, 0]);
  });

  it("passes over what is not determined", () => {
    expect(solveNonnegative([0, 0, 0, 0], [1, 1])).toEqual([0, 0]);
    expect(solveNonnegative([Number.NaN, 0, 0, 1], [1, 2])).toEqual([0, 2]);
  });

  it("meets the conditions of the least: no slope at what is positive, none downwards at what is zero", () => {
    fc.assert(
      fc.property(fc.array(row, { minLength: 6, maxLength: 20 }), (rows) => {
        const matrix = Array.from({ length: 9 }, (_, index) => {
          const ridge = index % 4 === 0 ? 0.1 : 0;
          return rows.reduce((sum, r) => sum + (r[Math.floor(index / 3)] as number) * (r[index % 3] as number), ridge);
        });
        const vector = [0, 1, 2].map((index) => rows.reduce((sum, r) => sum + (r[index] as number) * r[3], 0));
        const x = solveNonnegative(matrix, vector);
        for (let index = 0; index < 3; index += 1) {
          const slope =
            [0, 1, 2].reduce((sum, column) => sum + (matrix[index * 3 + column] as number) * (x[column] as number), 0) -
            (vector[index] as number);
          expect(x[index]).toBeGreaterThanOrEqual(0);
          if ((x[index] as number) > 0) expect(Math.abs(slope)).toBeLessThan(1e-5);
          else expect(slope).toBeGreaterThan(-1e-5);
        }
      }),
    );
  });
});
