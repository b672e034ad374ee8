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
  /** Those whom the coming step takes in, and when it was begun to choose them. */
  const chosen = world.replicas.map(() => 0);
  const choosingAt = world.replicas.map(() => Number.NaN);
  /** Prompts that were given to the batch and have no token yet. */
  const reading = world.replicas.map(() => 0);

  function canAdmit(replica: number, { inputTokens }: SimRequest): boolean {
    const facts = world.replicas[replica];
    const { running, waiting, kvTokens } = world.metrics(replica);
    // Whoever waits in the batch itself was pushed out of it, and comes back before anybody new.
    if (facts === undefined || waiting > (chosen[replica] as number)) return false;
    if (admitted.active(replica) >= facts.maxConcurrency) return false;
    // A step is filled; one prompt longer than a step has the next one behind it, for what its last part leaves.
    const isStepFull = admitted.prefillTokens(replica) >= facts.maxTokensPerStep;
    if (isStepFull && (reading[replica] as number) > 1) return false;
    return (
      running + (chosen[replica] as number) === 0 ||
      kvTokens + admitted.prefillTokens(replica) + inputTokens <= facts.kvCapacityTokens
    );
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
    // Engines choose between two steps.
    if (queue.length === 0 || world.isStepping(replica)) return undefined;
    if (choosingAt[replica] !== now) chosen[replica] = 0;
    choosingAt[replica] = now;
    let first = 0;
    for (const [place, waiting] of queue.entries()) {
      if (rule.isDynamic) waiting.key = rule.keyOf(waiting, now);
      if (waiting.key < (queue[first] as Waiting).key) first = place;
    }
    const { request } = queue[first] as Waiting;
    if (!canAdmit(replica, request)) return undefined;
    queue.splice(first, 1);
    reading[replica] = (reading[replica] as number) + 1;
    chosen[replica] = (chosen[replica] as number) + 1;
    admitted.sent(request, { replica, uncachedTokens: request.inputTokens, sentAt: now });
    return { request, replica };
  }

  function tokenCame(request: SimRequest): void {
    const flight = admitted.peek(request);
    if (flight !== undefined && admitted.firstToken(request))
      reading[flight.replica] = (reading[flight.replica] as number) - 1;
  }

  function leave(request: SimRequest): void {
    tokenCame(request);
    bound.end(request);
    admitted.end(request);
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
    firstToken: tokenCame,
    end(request, outputTokens) {
      leave(request);
      sizer.learn(request, outputTokens);
    },
    lost: leave,
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
