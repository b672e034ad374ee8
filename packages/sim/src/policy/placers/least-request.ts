// The fewest requests in flight. LiteLLM's "least busy" is the same, by its own count; Envoy's weighs by
// weight ÷ (active + 1) where weights differ.
import { PLAIN_PLACER, type CreatePlacer } from "../placer.ts";
import { chooseLeast } from "./least-score.ts";

/** Looks at all replicas and takes no notice of their weights. */
export const createLeastRequest: CreatePlacer = ({ random }, book) => ({
  ...PLAIN_PLACER,
  choose: (_request, canTake) => chooseLeast(book.size, random, canTake, book.active),
});

/** With the operator's weights: the most weight ÷ (active + 1). */
export const createWeightedLeastRequest: CreatePlacer = ({ random, replicas }, book) => ({
  ...PLAIN_PLACER,
  choose: (_request, canTake) =>
    chooseLeast(book.size, random, canTake, (replica) => {
      const weight = replicas[replica]?.handWeight ?? 1;
      return (book.active(replica) + 1) / weight;
    }),
});
