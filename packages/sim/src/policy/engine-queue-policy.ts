// An ordering rule inside the engines, as SGLang's and FastServe's schedulers have theirs: the request is bound to a replica when it comes (fewest
// in flight), waits there, and the replica takes the next by the rule whenever its batch has a place and memory for the prompt. The engine
// knows its own state exactly; what it cannot do is give a request to another replica, or know how long an answer will be.
import type { SimRequest } from "../trace/trace-request.ts";
import { createFlightBook } from "./flight-book.ts";
import { needOf } from "./memory-forecast.ts";
import type { OrderRule, Waiting } from "./order-rule.ts";
import { createLeastRequest } from "./placers/least-request.ts";
import type { Dispatch, Policy, World } from "./policy.ts";
import type { Sizer } from "./sizers/sizer.ts";

/** A rule in every engine's own queue. */
export function createEngineQueuePolicy(world: World, rule: OrderRule, sizer: Sizer): Policy {
  /** Bound to a replica, waiting or running: what a router balances by. */
  const bound = createFlightBook(world.replicas);
  /** Given to the batch. */
  const admitted = createFlightBook(world.replicas);
  const placer = createLeastRequest(world, bound);
  const queues: Waiting[][] = world.replicas.map(() => []);

  function canAdmit(replica: number, { inputTokens }: SimRequest): boolean {
    const facts = world.replicas[replica];
    const { running, waiting, kvTokens } = world.metrics(replica);
    if (facts === undefined || waiting > 0) return false;
    const onTheWay = admitted.active(replica) - running;
    // What is on its way has its first step before anything else can be admitted.
    if (running + onTheWay >= facts.maxConcurrency || admitted.prefillTokens(replica) >= facts.maxTokensPerStep)
      return false;
    return running === 0 || kvTokens + admitted.prefillTokens(replica) + inputTokens <= facts.kvCapacityTokens;
  }

  function bind(request: SimRequest, now: number): void {
    const replica = placer.choose(request, bound.isServing, now);
    const estimate = sizer.estimate(request);
    const waiting: Waiting = {
      request,
      since: now,
      estimate,
      need: needOf(request.inputTokens, 0, estimate),
      uncachedTokens: request.inputTokens,
      key: 0,
    };
    waiting.key = rule.keyOf(waiting, now);
    // With no replica in service it is kept at the first until one is.
    (queues[Math.max(0, replica)] as Waiting[]).push(waiting);
    bound.sent(request, { replica: Math.max(0, replica), uncachedTokens: request.inputTokens, sentAt: now });
  }

  function takeNext(replica: number, now: number): Dispatch | undefined {
    const queue = queues[replica] as Waiting[];
    if (queue.length === 0) return undefined;
    let first = 0;
    for (const [place, waiting] of queue.entries()) {
      if (rule.isDynamic) waiting.key = rule.keyOf(waiting, now);
      if (waiting.key < (queue[first] as Waiting).key) first = place;
    }
    const { request } = queue[first] as Waiting;
    if (!canAdmit(replica, request)) return undefined;
    queue.splice(first, 1);
    admitted.sent(request, { replica, uncachedTokens: request.inputTokens, sentAt: now });
    return { request, replica };
  }

  return {
    tickMs: 0,
    tick: () => {},
    get queued() {
      return queues.reduce((sum, queue) => sum + queue.length, 0);
    },
    arrive: bind,
    dispatch(now) {
      for (let replica = 0; replica < queues.length; replica += 1) {
        const next = bound.isServing(replica) ? takeNext(replica, now) : undefined;
        if (next !== undefined) return next;
      }
      return undefined;
    },
    firstToken: (request) => admitted.firstToken(request),
    end(request, outputTokens) {
      bound.end(request);
      admitted.end(request);
      sizer.learn(request, outputTokens);
    },
    lost(request) {
      bound.end(request);
      admitted.end(request);
    },
    setServing(replica, isServing, now) {
      bound.setServing(replica, isServing);
      if (isServing) return;
      // The router sends what waited on a dead replica elsewhere.
      for (const { request } of (queues[replica] as Waiting[]).splice(0)) {
        bound.end(request);
        bind(request, now);
      }
    },
  };
}
