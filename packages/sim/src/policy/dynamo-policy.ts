// Dynamo's router with its queue: a request goes at once while some worker has less than the threshold of prompt tokens in flight; while all
// have more it waits, and the shortest uncached prompt goes first (`wspt`) or the first that came (`fcfs`).
import type { SimRequest } from "../trace/trace-request.ts";
import { createFlightBook } from "./flight-book.ts";
import { createBlockCost } from "./placers/block-cost.ts";
import type { Policy, World } from "./policy.ts";

/** Of the tokens that a step takes; the router's default. */
const THRESHOLD = 2;

/** The policy with its queue in the order given. */
export function createDynamoPolicy(world: World, order: "wspt" | "fcfs"): Policy {
  const book = createFlightBook(world.replicas);
  const placer = createBlockCost(world, book);
  // Bounded by the requests of the run.
  const queue: { readonly request: SimRequest; readonly key: number }[] = [];

  const isBelow = (replica: number): boolean =>
    book.isServing(replica) &&
    book.prefillTokens(replica) <= THRESHOLD * (world.replicas[replica]?.maxTokensPerStep ?? 0);
  const anyBelow = (): boolean => world.replicas.some((_facts, replica) => isBelow(replica));

  return {
    tickMs: 0,
    tick: () => {},
    get queued() {
      return queue.length;
    },
    arrive(request) {
      const cached = world.replicas.map((_facts, replica) => placer.cachedTokens(request, replica));
      const key = order === "fcfs" ? request.arrivedAt : Math.max(1, request.inputTokens - Math.max(...cached));
      const place = queue.findIndex((other) => other.key > key);
      queue.splice(place < 0 ? queue.length : place, 0, { request, key });
    },
    dispatch(now) {
      const head = queue[0];
      if (head === undefined || !anyBelow()) return undefined;
      const { request } = head;
      // The threshold holds back; the cost alone says where.
      const replica = placer.choose(request, book.isServing, now);
      if (replica < 0) return undefined;
      queue.shift();
      const uncachedTokens = request.inputTokens - placer.cachedTokens(request, replica);
      placer.sent(request, replica, now);
      book.sent(request, { replica, uncachedTokens, sentAt: now });
      return { request, replica };
    },
    firstToken: (request) => book.firstToken(request),
    end: (request) => void book.end(request),
    lost: (request) => void book.end(request),
    setServing: book.setServing,
  };
}
