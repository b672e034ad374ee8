// A prediction as a distribution over bins, made once and asked often. It keeps the shares themselves: so that every question about one
// request is answered from the same distribution, whatever has been learned since.
import type { OutputPrediction } from "./output-prediction.ts";
import { BIN_COUNT, BIN_EDGES, binOf } from "./token-bins.ts";

/** Below this share of answers that go on, what is known of them is rounding. */
const LEAST_LEFT = 1e-9;

const BIN_MEANS: Float64Array = Float64Array.from({ length: BIN_COUNT }, (_, bin) =>
  meanWithin(bin, 0, Number.POSITIVE_INFINITY),
);

/** The distribution of min(X, cap), where bin shares of X are given and answers within a bin are spread evenly. */
export class MixturePrediction implements OutputPrediction {
  readonly p50: number;
  readonly p90: number;
  readonly mean: number;
  readonly seen: number;
  /** Share of answers up to and including each bin; the last is the share of all, about 1. */
  readonly #upTo: number[];
  readonly #cap: number;

  /** `shares` are one a bin, add up to about 1, and are copied. `cap` may be infinite. */
  constructor(shares: readonly number[], seen: number, cap: number) {
    // A copy of a plain array of doubles costs a tenth of a new typed array.
    const upTo = shares.slice();
    const capBin = binOf(cap);
    let sum = 0;
    let mean = 0;
    for (let bin = 0; bin < BIN_COUNT; bin += 1) {
      const share = upTo[bin] as number;
      sum += share;
      upTo[bin] = sum;
      mean += share * (BIN_MEANS[bin] as number);
    }
    this.#upTo = upTo;
    this.#cap = cap;
    this.seen = seen;
    this.mean = capBin < BIN_COUNT - 1 ? this.remainingAfter(0) : mean / sum;
    this.p50 = this.#quantile(0.5 * sum);
    this.p90 = this.#quantile(0.9 * sum);
  }

  remainingAfter(tokens: number): number {
    const from = tokens > 0 ? Math.floor(tokens) : 0;
    const cap = this.#cap;
    if (from >= cap) return 0;
    const upTo = this.#upTo;
    const first = binOf(from + 1);
    const before = this.#before(first, from);
    const left = this.#all - before;
    if (left < LEAST_LEFT) return Math.min(cap - from, 1);
    // Only the first bin is cut from below, and only the last one that counts from above.
    const capBin = Math.max(first, binOf(cap));
    let below = upTo[first] as number;
    let sum = (below - before) * meanWithin(first, from, cap);
    for (let bin = first + 1; bin < capBin; bin += 1) {
      sum += ((upTo[bin] as number) - below) * (BIN_MEANS[bin] as number);
      below = upTo[bin] as number;
    }
    if (capBin > first) {
      sum += ((upTo[capBin] as number) - below) * meanWithin(capBin, from, cap);
      if (capBin < BIN_COUNT - 1) sum += (this.#all - (upTo[capBin] as number)) * cap;
    } else if (cap < Number.POSITIVE_INFINITY) sum += (this.#all - below) * cap;
    return Math.max(0, sum / left - from);
  }

  quantileAfter(share: number, tokens: number): number {
    const from = tokens > 0 ? Math.floor(tokens) : 0;
    if (from >= this.#cap) return from;
    const before = this.#before(binOf(from + 1), from);
    const left = this.#all - before;
    if (left < LEAST_LEFT) return Math.min(this.#cap, from + 1);
    const wanted = before + Math.min(1, Math.max(0, share)) * left;
    return Math.max(from, this.#quantile(wanted));
  }

  get #all(): number {
    return this.#upTo[BIN_COUNT - 1] as number;
  }

  /** Share of answers that are no longer than `tokens`, of which `bin` holds the next length. */
  #before(bin: number, tokens: number): number {
    const below = bin === 0 ? 0 : (this.#upTo[bin - 1] as number);
    const low = BIN_EDGES[bin] as number;
    const high = BIN_EDGES[bin + 1] as number;
    const part = Math.min(1, Math.max(0, (tokens - low) / (high - low)));
    return below + part * ((this.#upTo[bin] as number) - below);
  }

  /** The least whole length up to which `wanted` of the answers come. */
  #quantile(wanted: number): number {
    const upTo = this.#upTo;
    let low = 0;
    let high = BIN_COUNT - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((upTo[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    const below = low === 0 ? 0 : (upTo[low - 1] as number);
    const share = (upTo[low] as number) - below;
    const edge = BIN_EDGES[low] as number;
    const width = (BIN_EDGES[low + 1] as number) - edge;
    const part = share > 0 ? Math.min(1, Math.max(0, (wanted - below) / share)) : 1;
    return Math.min(this.#cap, edge + Math.max(1, Math.ceil(part * width - 1e-9)));
  }
}

/** Mean of min(X, cap) over the whole lengths of a bin that are longer than `from`. */
function meanWithin(bin: number, from: number, cap: number): number {
  const low = Math.max(BIN_EDGES[bin] as number, from);
  const high = BIN_EDGES[bin + 1] as number;
  if (cap <= low) return cap;
  if (cap >= high) return (low + 1 + high) / 2;
  const within = ((low + 1 + cap) / 2) * (cap - low);
  return (within + cap * (high - cap)) / (high - low);
}
