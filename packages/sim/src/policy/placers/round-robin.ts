// Round robin: each replica in turn.
import { PLAIN_PLACER, type CreatePlacer } from "../placer.ts";

/** Each in turn; one that cannot take the request is passed over. */
export const createRoundRobin: CreatePlacer = (_world, book) => {
  let last = -1;
  return {
    ...PLAIN_PLACER,
    choose(_request, canTake) {
      for (let step = 1; step <= book.size; step += 1) {
        const replica = (last + step) % book.size;
        if (!canTake(replica)) continue;
        last = replica;
        return replica;
      }
      return -1;
    },
  };
};
