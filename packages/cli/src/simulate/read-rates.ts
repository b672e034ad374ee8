// `--rate 2x` and `--rate 8/s`: how fast the requests of a trace come, as a multiple of their own rate or in requests per second.
import { usageError } from "../messages/localised-error.ts";
import { splitList } from "./split-list.ts";

/** How many times as fast as in the trace. */
export interface LoadFactor {
  readonly factor: number;
}

const LEAST = 1e-3;
const MOST = 1e4;

/** The factors that are asked for; the trace's own rate when none is. `ownRate`: requests per second of the trace, undefined without a span. */
export function readRates(texts: readonly string[], ownRate: number | undefined): readonly LoadFactor[] {
  const words = splitList(texts);
  return words.length === 0 ? [{ factor: 1 }] : words.map((word) => ({ factor: factorOf(word, ownRate) }));
}

function factorOf(word: string, ownRate: number | undefined): number {
  const [, number = "", unit = ""] = /^(\d+(?:\.\d+)?)(x|\/s|)$/.exec(word) ?? [];
  const value = number === "" ? Number.NaN : Number(number);
  if (unit === "/s" && ownRate === undefined) throw usageError("simulate.no-span", {}, "flyball simulate --help");
  const factor = unit === "/s" ? value / (ownRate ?? 1) : value;
  if (factor >= LEAST && factor <= MOST) return factor;
  throw usageError("simulate.rate", { seen: word }, "flyball simulate --help");
}
