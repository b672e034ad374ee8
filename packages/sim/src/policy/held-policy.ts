// A router that holds: a request waits here, not in an engine, until some replica can take it, and then the rule says who goes. It is our
// late-binding queue in its plainest form, so that any rule of ordering can be put on it and the gain of ordering stands apart from that
// of holding. Work-conserving: who does not fit is passed over for one who does.
import type { SimRequest } from "../trace/trace-request.ts";
import { createFlightBook, type FlightBook } from "./flight-book.ts";
import { needOf } from "./memory-forecast.ts";
import { createMemoryWatch, type MemoryWatch } from "./memory-watch.ts";
import type { OrderRule, Waiting } from "./order-rule.ts";
import type { CreatePlacer, Placer } from "./placer.ts";
import type { Dispatch, Policy, World } from "./policy.ts";
import type { Sizer } from "./sizers/sizer.ts";
import { createWaitingQueue, type WaitingQueue } from "./waiting-queue.ts";

/** What the queue is made of. */
export interface HeldOptions {
  readonly createPlacer: CreatePlacer;
  readonly rule: OrderRule;
  readonly sizer: Sizer;
  /** Memory is foreseen, and a request waits until it will not run short. Without it the engine is left to preempt. */
  readonly foreseesMemory: boolean;
}

interface Held extends HeldOptions {
  readonly book: FlightBook;
  readonly placer: Placer;
  readonly memory: MemoryWatch;
  readonly queue: WaitingQueue;
  sent: number;
}

/** Between looks at how far answers are, ms. */
const LOOK_MS = 500;
/** Uncached prompt tokens in flight on a replica, in chunks of the engine; as in our own router. */
const PREFILL_CHUNKS = 4;

/** A policy with a queue. */
export function createHeldPolicy(world: World, options: HeldOptions): Policy {
  const { sizer, rule } = options;
  const book = createFlightBook(world.replicas);
  const placer = options.createPlacer(world, book);
  const memory = createMemoryWatch(world);
  const queue = createWaitingQueue(rule);
  const held: Held = { ...options, book, placer, memory, queue, sent: 0 };
  let lookAt = 0;
  /** Nothing fitted, and nothing has changed since. */
  let isStuck = false;

  return {
    tickMs: placer.tickMs > 0 ? placer.tickMs : LOOK_MS,
    get queued() {
      return queue.size;
    },
    arrive(request, now) {
      queue.add(waitingOf(held, request, now));
      isStuck = false;
    },
    dispatch(now) {
      if (isStuck || queue.size === 0 || !hasRoom(book)) return undefined;
      const next = sendNext(held, now);
      isStuck = next === undefined;
      return next;
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
      memory.forget(request);
      sizer.learn(request, outputTokens);
      isStuck = false;
    },
    lost(request) {
      book.end(request);
      memory.forget(request);
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
      memory.look();
      isStuck = false;
    },
  };
}

function waitingOf({ book, placer, rule, sizer }: Held, request: SimRequest, now: number): Waiting {
  const estimate = sizer.estimate(request);
  let cached = 0;
  for (let replica = 0; replica < book.size; replica += 1) {
    cached = Math.max(cached, placer.cachedTokens(request, replica));
  }
  const waiting: Waiting = {
    request,
    since: now,
    estimate,
    need: needOf(request.inputTokens, 0, estimate),
    uncachedTokens: request.inputTokens - cached,
    key: 0,
  };
  waiting.key = rule.keyOf(waiting, now);
  return waiting;
}

/** The first in order that fits; now and then the oldest, if it fits. */
function sendNext(held: Held, now: number): Dispatch | undefined {
  const { queue, rule, sent } = held;
  const oldestEvery = rule.oldestEvery ?? 0;
  if (oldestEvery > 0 && (sent + 1) % oldestEvery === 0) {
    const oldest = sendAt(held, queue.oldest(), now);
    if (oldest !== undefined) return oldest;
  }
  queue.sort(now);
  for (let place = 0; place < queue.size; place += 1) {
    const dispatch = sendAt(held, place, now);
    if (dispatch !== undefined) return dispatch;
  }
  return undefined;
}

function sendAt(held: Held, place: number, now: number): Dispatch | undefined {
  const { queue, placer, book, memory, foreseesMemory } = held;
  const waiting = queue.at(place);
  const { request, estimate, need } = waiting;
  const replica = placer.choose(request, (it) => canTake(held, it, waiting), now);
  if (replica < 0) return undefined;
  queue.remove(place);
  held.sent += 1;
  const uncachedTokens = request.inputTokens - placer.cachedTokens(request, replica);
  placer.sent(request, replica, now);
  book.sent(request, { replica, uncachedTokens, sentAt: now });
  if (foreseesMemory) memory.sent({ request, replica, estimate, need });
  return { request, replica };
}

function canTake({ book, placer, memory, foreseesMemory }: Held, replica: number, { request, need }: Waiting): boolean {
  const facts = book.facts[replica];
  if (facts === undefined || !book.isServing(replica) || book.active(replica) >= facts.maxConcurrency) return false;
  const prefill = book.prefillTokens(replica);
  const uncached = request.inputTokens - placer.cachedTokens(request, replica);
  if (prefill > 0 && prefill + uncached > PREFILL_CHUNKS * facts.maxTokensPerStep) return false;
  return !foreseesMemory || book.active(replica) === 0 || memory.fits(replica, need);
}

/** Whether any replica has a free place and prompt budget: else no request fits, and none is looked at. */
function hasRoom(book: FlightBook): boolean {
  return book.facts.some(
    ({ maxConcurrency, maxTokensPerStep }, replica) =>
      book.isServing(replica) &&
      book.active(replica) < maxConcurrency &&
      book.prefillTokens(replica) < PREFILL_CHUNKS * maxTokensPerStep,
  );
}
