// The least of a quadratic form over nonnegative numbers, for the two or three unknowns of a cost model: every set of unknowns that may be
// zero is tried, which is exact, needs no step width and cannot run on (C. L. Lawson and R. J. Hanson, Solving Least Squares Problems, 1974).

/**
 * The nonnegative `x` for which ½·xᵀ·matrix·x − vectorᵀ·x is least. `matrix` is symmetric, row by row; at most four unknowns.
 * A set of unknowns that the matrix does not determine is passed over; zeros remain when none is determined.
 */
export function solveNonnegative(matrix: readonly number[], vector: readonly number[]): readonly number[] {
  const size = vector.length;
  let best: readonly number[] = vector.map(() => 0);
  let least = 0;
  for (let set = 1; set < 2 ** size; set += 1) {
    const found = solveWithin(matrix, vector, set);
    if (found === undefined || found.some((value) => !(value >= 0))) continue;
    const value = valueOf(matrix, vector, found);
    if (value < least) {
      best = found;
      least = value;
    }
  }
  return best;
}

/** Solves for the unknowns of the set (a bit each) with the others zero; elimination with pivots. */
function solveWithin(matrix: readonly number[], vector: readonly number[], set: number): number[] | undefined {
  const size = vector.length;
  const chosen = vector.map((_, index) => index).filter((index) => (set & (1 << index)) !== 0);
  const rows = chosen.map((row) => [
    ...chosen.map((column) => matrix[row * size + column] as number),
    vector[row] as number,
  ]);
  const count = chosen.length;
  for (let step = 0; step < count; step += 1) {
    let pivot = step;
    for (let row = step + 1; row < count; row += 1) {
      if (Math.abs(at(rows, row, step)) > Math.abs(at(rows, pivot, step))) pivot = row;
    }
    if (!(Math.abs(at(rows, pivot, step)) > Number.MIN_VALUE)) return undefined;
    [rows[step], rows[pivot]] = [rows[pivot] as number[], rows[step] as number[]];
    for (let row = step + 1; row < count; row += 1) {
      const factor = at(rows, row, step) / at(rows, step, step);
      for (let column = step; column <= count; column += 1) {
        (rows[row] as number[])[column] = at(rows, row, column) - factor * at(rows, step, column);
      }
    }
  }
  const solution = vector.map(() => 0);
  for (let row = count - 1; row >= 0; row -= 1) {
    let sum = at(rows, row, count);
    for (let column = row + 1; column < count; column += 1) {
      sum -= at(rows, row, column) * (solution[chosen[column] as number] as number);
    }
    solution[chosen[row] as number] = sum / at(rows, row, row);
  }
  return solution.every((value) => Number.isFinite(value)) ? solution : undefined;
}

function at(rows: readonly (readonly number[])[], row: number, column: number): number {
  return (rows[row] as readonly number[])[column] as number;
}

function valueOf(matrix: readonly number[], vector: readonly number[], x: readonly number[]): number {
  const size = x.length;
  let value = 0;
  for (let row = 0; row < size; row += 1) {
    if (x[row] === 0) continue;
    let product = 0;
    for (let column = 0; column < size; column += 1) {
      if (x[column] === 0) continue;
      product += (matrix[row * size + column] as number) * (x[column] as number);
    }
    value += (x[row] as number) * (product / 2 - (vector[row] as number));
  }
  return value;
}
