// Envoy's least_request with equal weights: of two replicas drawn at random, the one with fewer requests in flight.
import { PLAIN_PLACER, type CreatePlacer } from "../placer.ts";

/** Draws two different ones among those that can take the request. */
export const createTwoChoices: CreatePlacer = ({ random }, book) => {
  const able: number[] = [];
  return {
    ...PLAIN_PLACER,
    choose(_request, canTake) {
      able.length = 0;
      for (let replica = 0; replica < book.size; replica += 1) if (canTake(replica)) able.push(replica);
      if (able.length < 2) return able[0] ?? -1;
      const one = Math.floor(random() * able.length);
      const step = 1 + Math.floor(random() * (able.length - 1));
      const first = able[one] as number;
      const second = able[(one + step) % able.length] as number;
      return book.active(second) < book.active(first) ? second : first;
    },
  };
};
