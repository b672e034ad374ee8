// How well one list orders another. Order is what the queue needs from a prediction: twice too long for everybody is no harm.

/**
 * Kendall's tau-b of two lists of equal length: the share of pairs in the same order less that in the opposite one, ties taken out of the
 * denominator. −1 … 1; 0 when either list has one value only. In n log n (W. R. Knight, 1966).
 */
export function kendallTau(left: readonly number[], right: readonly number[]): number {
  const count = left.length;
  const order = Array.from({ length: count }, (_, index) => index).toSorted(
    (a, b) => (left[a] as number) - (left[b] as number) || (right[a] as number) - (right[b] as number),
  );
  const xs = order.map((index) => left[index] as number);
  const ys = order.map((index) => right[index] as number);
  const pairs = (count * (count - 1)) / 2;
  const tiedLeft = tiedPairs(xs);
  const tiedBoth = tiedPairs(xs, ys);
  const swaps = sortCountingSwaps(ys);
  const tiedRight = tiedPairs(ys);
  const scale = Math.sqrt((pairs - tiedLeft) * (pairs - tiedRight));
  return scale > 0 ? (pairs - tiedLeft - tiedRight + tiedBoth - 2 * swaps) / scale : 0;
}

/** Pairs of equal neighbours in a sorted list; with `second`, equal in both. */
function tiedPairs(values: readonly number[], second: readonly number[] = values): number {
  let pairs = 0;
  let run = 1;
  for (let index = 1; index <= values.length; index += 1) {
    const isSame = index < values.length && values[index] === values[index - 1] && second[index] === second[index - 1];
    if (isSame) run += 1;
    else {
      pairs += (run * (run - 1)) / 2;
      run = 1;
    }
  }
  return pairs;
}

/** Sorts by merging and gives how many pairs stood the wrong way round. */
function sortCountingSwaps(values: number[]): number {
  let swaps = 0;
  let from = values;
  let into = Array.from(values);
  for (let width = 1; width < values.length; width *= 2) {
    for (let start = 0; start < values.length; start += 2 * width) {
      swaps += merge(from, into, start, width);
    }
    [from, into] = [into, from];
  }
  for (let index = 0; index < values.length; index += 1) values[index] = from[index] as number;
  return swaps;
}

function merge(from: readonly number[], into: number[], start: number, width: number): number {
  const middle = Math.min(start + width, from.length);
  const end = Math.min(start + 2 * width, from.length);
  let swaps = 0;
  let left = start;
  let right = middle;
  for (let at = start; at < end; at += 1) {
    const takesLeft = left < middle && (right >= end || (from[left] as number) <= (from[right] as number));
    if (takesLeft) {
      into[at] = from[left] as number;
      left += 1;
    } else {
      into[at] = from[right] as number;
      right += 1;
      swaps += middle - left;
    }
  }
  return swaps;
}
