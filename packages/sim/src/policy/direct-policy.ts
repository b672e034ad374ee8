// A router that sends at once: the request goes to the replica that the placer names, and waits, if it must, in the engine.
import type { SimRequest } from "../trace/trace-request.ts";
import { createFlightBook } from "./flight-book.ts";
import type { CreatePlacer } from "./placer.ts";
import type { Policy, World } from "./policy.ts";

/** What it may tell an engine in priority mode. */
export interface DirectOptions {
  readonly createPlacer: CreatePlacer;
  /** Lower first. */
  readonly priorityOf?: (request: SimRequest, now: number) => number;
}

/** A policy without a queue of its own; requests wait here only while no replica serves. */
export function createDirectPolicy(world: World, { createPlacer, priorityOf }: DirectOptions): Policy {
  const book = createFlightBook(world.replicas);
  const placer = createPlacer(world, book);
  // Bounded by the requests that arrive while nothing serves.
  const arrived: SimRequest[] = [];
  let head = 0;

  return {
    tickMs: placer.tickMs,
    get queued() {
      return arrived.length - head;
    },
    arrive(request) {
      arrived.push(request);
    },
    dispatch(now) {
      const request = arrived[head];
      if (request === undefined) return undefined;
      const replica = placer.choose(request, book.isServing, now);
      if (replica < 0) return undefined;
      head += 1;
      if (head === arrived.length) {
        arrived.length = 0;
        head = 0;
      }
      const uncachedTokens = request.inputTokens - placer.cachedTokens(request, replica);
      placer.sent(request, replica, now);
      book.sent(request, { replica, uncachedTokens, sentAt: now });
      return priorityOf === undefined ? { request, replica } : { request, replica, priority: priorityOf(request, now) };
    },
    firstToken(request, now) {
      const flight = book.peek(request);
      if (flight !== undefined) placer.firstToken(request, flight.replica, now - flight.sentAt, now);
      book.firstToken(request);
    },
    end(request, outputTokens, now) {
      const flight = book.end(request);
      if (flight !== undefined) placer.end(request, flight.replica, outputTokens, now - flight.sentAt);
    },
    lost(request) {
      book.end(request);
    },
    setServing: book.setServing,
    tick: placer.tick,
  };
}
