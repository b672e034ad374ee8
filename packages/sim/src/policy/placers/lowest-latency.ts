// LiteLLM's latency-based routing: the deployment whose last ten first tokens came soonest on average. One that has none yet counts as 0, so it
// is tried; equals are drawn at random. A replica that was fast gets everything until its answers say otherwise.
import { PLAIN_PLACER, type CreatePlacer } from "../placer.ts";
import { chooseLeast } from "./least-score.ts";

/** As LiteLLM keeps it. */
const WINDOW = 10;

/** By mean time to first token of the last ten answers. */
export const createLowestLatency: CreatePlacer = ({ random }, book) => {
  const latest: number[][] = book.facts.map(() => []);
  const meanOf = (values: readonly number[]): number =>
    values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    ...PLAIN_PLACER,
    choose: (_request, canTake) =>
      chooseLeast(book.size, random, canTake, (replica) => meanOf(latest[replica] as number[])),
    firstToken(_request, replica, ttftMs) {
      const window = latest[replica] as number[];
      window.push(ttftMs);
      if (window.length > WINDOW) window.shift();
    },
  };
};
