// Clairvoyant's rule: three classes of length foretold from the text, the shorter class first, and whoever has waited three times as long as a short
// answer takes goes before all classes. Traces hold no text, so the class is the true one with the accuracy that its authors publish
// (62 to 96 % of pairs in the right order): right three times in four, else the class beside it.
import type { TraceRequest } from "../../trace/trace-request.ts";
import type { OrderRule } from "../order-rule.ts";
import type { Truth } from "../policy.ts";

const ACCURACY = 0.75;
/** A short answer takes about so long for each of its tokens, ms. */
const TOKEN_MS = 25;
const TIMEOUT_FACTOR = 3;

/** The classes are thirds of the history's answers. */
export function clairvoyantRule(history: readonly TraceRequest[], truth: Truth): OrderRule {
  const lengths = history.map(({ outputTokens }) => outputTokens).toSorted((a, b) => a - b);
  const short = lengths[Math.floor(lengths.length / 3)] ?? 128;
  const medium = lengths[Math.floor((2 * lengths.length) / 3)] ?? 512;
  const timeoutMs = TIMEOUT_FACTOR * short * TOKEN_MS;
  const classOf = (id: number): number => {
    const tokens = truth(id);
    const right = tokens <= short ? 0 : tokens <= medium ? 1 : 2;
    const chance = chanceOf(id);
    if (chance < ACCURACY) return right;
    return right === 1 ? (chance < (1 + ACCURACY) / 2 ? 0 : 2) : 1;
  };
  return {
    isDynamic: true,
    keyOf({ request }, now) {
      const isLate = now - request.arrivedAt > timeoutMs;
      return (isLate ? -1 : classOf(request.id)) * 1e12 + request.arrivedAt;
    },
  };
}

/** The same number in [0, 1) for the same request, whatever the policy. */
function chanceOf(id: number): number {
  let mixed = Math.imul(id + 0x9e3779b9, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}
