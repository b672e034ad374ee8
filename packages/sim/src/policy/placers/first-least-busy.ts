// LiteLLM's least-busy: the fewest requests in flight by its own count; of equals, the first in the list of deployments.
import { PLAIN_PLACER, type CreatePlacer } from "../placer.ts";

/** Ties go to the first. */
export const createFirstLeastBusy: CreatePlacer = (_world, book) => ({
  ...PLAIN_PLACER,
  choose(_request, canTake) {
    let chosen = -1;
    for (let replica = 0; replica < book.size; replica += 1) {
      if (canTake(replica) && (chosen < 0 || book.active(replica) < book.active(chosen))) chosen = replica;
    }
    return chosen;
  },
});
