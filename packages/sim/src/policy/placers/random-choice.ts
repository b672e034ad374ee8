// Any replica, with equal chance.
import { PLAIN_PLACER, type CreatePlacer } from "../placer.ts";
import { chooseLeast } from "./least-score.ts";

/** Uniformly at random. */
export const createRandomChoice: CreatePlacer = ({ random }, book) => ({
  ...PLAIN_PLACER,
  choose: (_request, canTake) => chooseLeast(book.size, random, canTake, () => 0),
});
