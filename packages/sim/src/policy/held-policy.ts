// A router that holds: a request waits here, not in an engine, until some replica can take it, and then the rule says who goes. It is our
// late-binding queue in its plainest form, so that any rule of ordering can be put on it and the gain of ordering stands apart from that
// of holding. Work-conserving: who does not fit is passed over for one who does.
import type { SimRequest } from "../trace/trace-request.ts";
import { createFlightBook, type FlightBook } from "./flight-book.ts";
import { createMemoryForecast, needOf, type MemoryForecast, type Need } from "./memory-forecast.ts";
import type { OrderRule, Waiting } from "./order-rule.ts";
import type { CreatePlacer } from "./placer.ts";
import type { Dispatch, Policy, World } from "./policy.ts";
import type { Sizer, SizeEstimate } from "./sizers/sizer.ts";

/** What the queue is made of. */
export interface HeldOptions {
  readonly createPlacer: CreatePlacer;
  readonly rule: OrderRule;
  readonly sizer: Sizer;
  /** Memory is foreseen, and a request waits until it will not run short. Without it the engine is left to preempt. */
  readonly foreseesMemory: boolean;
}

interface Running {
  readonly request: SimRequest;
  readonly replica: number;
  readonly estimate: SizeEstimate;
  need: Need;
}

/** Share of the memory that may be foreseen to be in use. */
const KV_SHARE = 0.95;
/** Between looks at how far answers are, ms. */
const LOOK_MS = 500;
/** Uncached prompt tokens in flight on a replica, in chunks of the engine. */
const PREFILL_CHUNKS = 2;

/** A policy with a queue. The queue is bounded by the requests of the run. */
export function createHeldPolicy(world: World, options: HeldOptions): Policy {
  const { rule, sizer } = options;
  const book = createFlightBook(world.replicas);
  const placer = options.createPlacer(world, book);
  const forecasts = world.replicas.map(() => createMemoryForecast());
  const running = new Map<number, Running>();
  const queue: Waiting[] = [];
  let sent = 0;
  /** Nothing fitted, and nothing has changed since. */
  let isStuck = false;
  let lookAt = 0;

  function canTake(replica: number, { request, need }: Waiting): boolean {
    const facts = book.facts[replica];
    if (facts === undefined || !book.isServing(replica) || book.active(replica) >= facts.maxConcurrency) return false;
    const prefill = book.prefillTokens(replica);
    const uncached = request.inputTokens - placer.cachedTokens(request, replica);
    if (prefill > 0 && prefill + uncached > PREFILL_CHUNKS * facts.maxTokensPerStep) return false;
    if (!options.foreseesMemory || book.active(replica) === 0) return true;
    return (forecasts[replica] as MemoryForecast).fits(need, KV_SHARE * facts.kvCapacityTokens);
  }

  function sendAt(place: number, now: number): Dispatch | undefined {
    const waiting = queue[place] as Waiting;
    const { request, estimate, need } = waiting;
    const replica = placer.choose(request, (it) => canTake(it, waiting), now);
    if (replica < 0) return undefined;
    queue.splice(place, 1);
    sent += 1;
    const uncachedTokens = request.inputTokens - placer.cachedTokens(request, replica);
    placer.sent(request, replica, now);
    book.sent(request, { replica, uncachedTokens, sentAt: now });
    if (options.foreseesMemory) {
      (forecasts[replica] as MemoryForecast).add(need);
      running.set(request.id, { request, replica, estimate, need });
    }
    return { request, replica };
  }

  function forget(request: SimRequest): void {
    const known = running.get(request.id);
    if (known === undefined) return;
    running.delete(request.id);
    (forecasts[known.replica] as MemoryForecast).remove(known.need);
  }

  /** Answers that go on are foreseen anew from where they are. */
  function look(): void {
    for (const known of running.values()) {
      const forecast = forecasts[known.replica] as MemoryForecast;
      forecast.remove(known.need);
      known.need = needOf(known.request.inputTokens, world.delivered(known.request), known.estimate);
      forecast.add(known.need);
    }
  }

  return {
    tickMs: placer.tickMs > 0 ? placer.tickMs : LOOK_MS,
    get queued() {
      return queue.length;
    },
    arrive(request, now) {
      const estimate = sizer.estimate(request);
      const waiting: Waiting = {
        request,
        since: now,
        estimate,
        need: needOf(request.inputTokens, 0, estimate),
        uncachedTokens: request.inputTokens - mostCached(book, (replica) => placer.cachedTokens(request, replica)),
        key: 0,
      };
      waiting.key = rule.isDynamic ? 0 : rule.keyOf(waiting, now);
      insert(queue, waiting, rule);
      isStuck = false;
    },
    dispatch(now) {
      if (isStuck || queue.length === 0 || !hasRoom(book)) return undefined;
      const oldestEvery = rule.oldestEvery ?? 0;
      if (oldestEvery > 0 && (sent + 1) % oldestEvery === 0) {
        const oldest = sendAt(oldestOf(queue), now);
        if (oldest !== undefined) return oldest;
      }
      if (rule.isDynamic) {
        for (const waiting of queue) waiting.key = rule.keyOf(waiting, now);
        queue.sort((a, b) => a.key - b.key);
      }
      for (let place = 0; place < queue.length; place += 1) {
        const dispatch = sendAt(place, now);
        if (dispatch !== undefined) return dispatch;
      }
      isStuck = true;
      return undefined;
    },
    firstToken(request, now) {
      const flight = book.peek(request);
      if (flight !== undefined) placer.firstToken(request, flight.replica, now - flight.sentAt, now);
      book.firstToken(request);
      isStuck = false;
    },
    end(request, outputTokens, now) {
      const flight = book.end(request);
      if (flight !== undefined) placer.end(request, flight.replica, outputTokens, now - flight.sentAt);
      forget(request);
      sizer.learn(request, outputTokens);
      isStuck = false;
    },
    lost(request) {
      book.end(request);
      forget(request);
      isStuck = false;
    },
    setServing(replica, isServing) {
      book.setServing(replica, isServing);
      isStuck = false;
    },
    tick(now) {
      placer.tick(now);
      if (now < lookAt) return;
      lookAt = now + LOOK_MS;
      look();
      isStuck = false;
    },
  };
}

/** Whether any replica has a free place and prompt budget: else no request fits, and none is looked at. */
function hasRoom(book: FlightBook): boolean {
  for (let replica = 0; replica < book.size; replica += 1) {
    const facts = book.facts[replica];
    if (facts === undefined || !book.isServing(replica) || book.active(replica) >= facts.maxConcurrency) continue;
    if (book.prefillTokens(replica) < PREFILL_CHUNKS * facts.maxTokensPerStep) return true;
  }
  return false;
}

function mostCached(book: FlightBook, cachedTokens: (replica: number) => number): number {
  let most = 0;
  for (let replica = 0; replica < book.size; replica += 1) most = Math.max(most, cachedTokens(replica));
  return most;
}

/** Keeps a queue of fixed keys in order; equal keys by arrival. */
function insert(queue: Waiting[], waiting: Waiting, rule: OrderRule): void {
  if (rule.isDynamic) {
    queue.push(waiting);
    return;
  }
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((queue[middle] as Waiting).key <= waiting.key) low = middle + 1;
    else high = middle;
  }
  queue.splice(low, 0, waiting);
}

function oldestOf(queue: readonly Waiting[]): number {
  let oldest = 0;
  for (let place = 1; place < queue.length; place += 1) {
    const { arrivedAt } = (queue[place] as Waiting).request;
    if (arrivedAt < (queue[oldest] as Waiting).request.arrivedAt) oldest = place;
  }
  return oldest;
}
