// What is believed of an answer before any was seen: most are a hundred or so tokens, few are thousands. It counts only until there is better.
import { BIN_COUNT, BIN_EDGES } from "./token-bins.ts";

const MEDIAN_TOKENS = 150;
/** Standard deviation of the natural logarithm: one of ten is longer than a thousand tokens. */
const SPREAD = 1.6;
/** No length is impossible. */
const LEAST_SHARE = 1e-7;

/** A log-normal distribution over the bins; adds up to 1 and no bin is empty. */
export function createPriorShares(): number[] {
  const shares: number[] = [];
  let sum = 0;
  for (let bin = 0; bin < BIN_COUNT; bin += 1) {
    const share = logNormalShare(BIN_EDGES[bin] as number, BIN_EDGES[bin + 1] as number) + LEAST_SHARE;
    shares.push(share);
    sum += share;
  }
  return shares.map((share) => share / sum);
}

/** The density in the middle of the bin times its width is near enough. */
function logNormalShare(low: number, high: number): number {
  const middle = (low + high + 1) / 2;
  const deviation = Math.log(middle / MEDIAN_TOKENS) / SPREAD;
  return (Math.exp((-deviation * deviation) / 2) / middle) * (high - low);
}
