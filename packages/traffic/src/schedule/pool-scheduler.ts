// The queue in front of a pool. A request waits here, and only here, until an endpoint can take it: engines then have no queue of their own,
// and the order is ours for all of them. It waits only as long as none can; two exceptions are for its own good (`warm-wait.ts`) and for
// that of others (`hold-back.ts`). Decisions are pure: time comes in with every call, and the caller sends what was granted.
import { changeSchedule, type ScheduleChange } from "./change-schedule.ts";
import { explainRequest, type Standing } from "./explain-request.ts";
import type { Grant } from "./grant.ts";
import { knownOf } from "./known-prompt.ts";
import { joinQueue, leaveQueue, noteOffer, settleCharge, slotOf, tenantAt } from "./order/request-queue.ts";
import { noteFresh } from "./place/barren-ground.ts";
import { dropClaim } from "./place/claim.ts";
import { poolLoadOf, predictedWaitMs, type PoolLoad } from "./pool-load.ts";
import type { PoolSchedulerOptions } from "./pool-scheduler-options.ts";
import type { ScheduledRequest } from "./scheduled-request.ts";
import { createSchedulerState, type GrantedRequest, type SchedulerState } from "./scheduler-state.ts";
import { startNext } from "./start-request.ts";
import { nextWarmWaitAt } from "./warm-wait.ts";

/** The scheduler of one pool. All times are monotonic milliseconds and must not run backwards. */
export interface PoolScheduler {
  /** Queues it. Returns who has to leave because the queue is full, maybe the newcomer. Call `grant` afterwards. */
  arrive(request: ScheduledRequest, now: number): ScheduledRequest | undefined;
  /** The next one that can start now, its place reserved; undefined: nobody can. Call it until then after whatever changed something. */
  grant(now: number): Grant | undefined;
  /** The client left: true when it waited, or was granted and had no token yet. Later: `end`. */
  cancel(request: ScheduledRequest, now: number): boolean;
  /** Takes back one that was granted and has no token yet: it waits again where it was by its arrival. */
  recall(request: ScheduledRequest, now: number): boolean;
  /** The first token came: the prompt is read. */
  firstToken(request: ScheduledRequest, now: number): void;
  /** It has brought so many tokens: memory and work are estimated anew. */
  progress(request: ScheduledRequest, deliveredTokens: number, now: number): void;
  /** It is over, however it ended. */
  end(request: ScheduledRequest, outputTokens: number, now: number): void;
  /** Who needed no queue brought this much work meanwhile: it counts in what his tenant asks for, and is charged to nobody. */
  offer(tenant: string, classIndex: number, workMs: number, now: number): void;
  /** A worker is dead: its requests are gone, whether they waited or ran. The book's row is cleared. */
  rowDied(row: number, now: number): void;
  /** An endpoint is new, or another one under the same number: nothing is in its cache. */
  endpointStarted(endpoint: number): void;
  /** Other knobs from now on. Who waits goes on waiting, and what tenants have had is remembered. */
  change(next: ScheduleChange): void;
  explain(request: ScheduledRequest, now: number): Standing;
  load(now: number): PoolLoad;
  /** What a request of this class that came now would wait, ms. */
  predictedWaitMs(classIndex: number, now: number): number;
  /** Work of those who wait, ms on the reference endpoint. */
  backlogMs(): number;
  readonly queued: number;
  /** Requests granted that have not ended. */
  readonly running: number;
  /** The endpoint that is kept free for one request; −1: none. */
  readonly claimed: number;
  /** When to call `grant` although nothing has happened, because somebody has waited long enough for his prompt's endpoint; Infinity: never. */
  nextLookAt(): number;
}

const DEFAULT_MAX_QUEUED = 10_000;
const DEFAULT_LEAST_TTFT_MS = 100;
/** Without an estimate, an answer that outgrew its prediction is taken to become so many times as long as it is. */
const GROWTH = 1.25;

/** Creates one. */
export function createPoolScheduler(options: PoolSchedulerOptions): PoolScheduler {
  const state = createSchedulerState(options);
  const { queue, granted } = state;
  return {
    arrive: (request, now) => arrive(state, request, now),
    grant(now) {
      return queue.table.size === 0 ? undefined : startNext(state, now);
    },
    cancel(request, now) {
      const slot = slotOf(queue, request);
      if (slot >= 0) {
        leave(state, slot, now);
        return true;
      }
      const held = granted.get(request.id);
      if (held === undefined || held.hasToken) return false;
      finish(state, held, 0);
      return true;
    },
    recall(request, now) {
      const held = granted.get(request.id);
      if (held === undefined || held.hasToken) return false;
      finish(state, held, 0);
      enqueue(state, request, now, held.sequence);
      return true;
    },
    firstToken(request, now) {
      const held = granted.get(request.id);
      if (held === undefined || held.hasToken) return;
      held.hasToken = true;
      state.latency?.observe(held.reservation.endpoint, now - held.grantedAt, now);
      state.book.firstToken(held.reservation);
    },
    progress: (request, deliveredTokens) => correct(state, request, deliveredTokens),
    end(request, outputTokens, now) {
      const held = granted.get(request.id);
      if (held === undefined) return;
      if (!held.hasToken) state.latency?.observe(held.reservation.endpoint, now - held.grantedAt, now);
      const read = request.inputTokens - held.cachedTokens;
      finish(state, held, read * queue.order.inputCharge + outputTokens * queue.order.outputCharge);
    },
    offer: (tenant, classIndex, workMs, now) => noteOffer(queue, { tenant, classIndex, workMs }, now),
    rowDied: (row, now) => forgetRow(state, row, now),
    endpointStarted(endpoint) {
      state.placer.prefixes?.forget(endpoint);
      state.latency?.forget(endpoint);
    },
    change: (next) => changeSchedule(state, next),
    explain: (request, now) => explainRequest(state, request, now),
    load: (now) => poolLoadOf(state, now),
    predictedWaitMs: (classIndex, now) => predictedWaitMs(state, classIndex, now),
    backlogMs: () => queue.classes.reduce((sum, group) => sum + group.backlogMs, 0),
    nextLookAt: () => nextWarmWaitAt(queue),
    get queued() {
      return queue.table.size;
    },
    get running() {
      return granted.size;
    },
    get claimed() {
      return state.claim.endpoint;
    },
  };
}

function arrive(state: SchedulerState, request: ScheduledRequest, now: number): ScheduledRequest | undefined {
  enqueue(state, request, now, undefined);
  const { table } = state.queue;
  if (table.size <= (state.options.maxQueued ?? DEFAULT_MAX_QUEUED)) return undefined;
  const slot = lastInOrder(state);
  const loser = table.requests[slot];
  leave(state, slot, now);
  return loser;
}

function enqueue(state: SchedulerState, request: ScheduledRequest, now: number, sequence: number | undefined): void {
  const { queue, options } = state;
  if (queue.table.size === 0) state.pace.busyFrom = now;
  if (sequence === undefined) state.usualWork.add(request.workMs);
  const known = knownOf(state, request);
  const needMs = (options.leastTtftMs ?? DEFAULT_LEAST_TTFT_MS) + known.warmTokens * known.prefillMs;
  const demand = { ...known, startBy: request.deadlineAt - needMs, sequence };
  noteFresh(state.search.ground, queue.table, joinQueue(queue, request, demand, now));
}

function leave(state: SchedulerState, slot: number, now: number): void {
  if (state.claim.slot === slot) dropClaim(state.claim);
  leaveQueue(state.queue, slot, now);
}

/** Gives back what it held, and charges what it really was. */
function finish(state: SchedulerState, held: GrantedRequest, charge: number): void {
  state.book.release(held.reservation);
  settleCharge(state.queue, held.tenant, charge - held.charge);
  state.granted.delete(held.request.id);
}

function correct({ granted, book, options }: SchedulerState, request: ScheduledRequest, deliveredTokens: number): void {
  const held = granted.get(request.id);
  if (held === undefined) return;
  const { inputTokens, outputTokens, outputTokensHigh, workMs } = request;
  const estimate = options.reestimate?.(request, deliveredTokens) ?? {
    outputTokensHigh: Math.max(outputTokensHigh, deliveredTokens * GROWTH),
    workMs: workMs * (1 - deliveredTokens / Math.max(1, outputTokens, deliveredTokens * GROWTH)),
  };
  const left = Math.max(1, estimate.outputTokensHigh - deliveredTokens);
  book.correct(held.reservation, inputTokens + deliveredTokens, left, estimate.workMs);
}

function forgetRow(state: SchedulerState, row: number, now: number): void {
  const { queue, granted, book } = state;
  for (const held of granted.values()) {
    if (held.reservation.row === row) finish(state, held, held.charge);
  }
  for (let slot = 0; slot < queue.table.used; slot += 1) {
    const request = queue.table.requests[slot];
    if (request !== undefined && (request.row ?? 0) === row) leave(state, slot, now);
  }
  book.clearRow(row);
}

/** The youngest of the lowest class. O(requests that wait), and only asked when the queue is full. */
function lastInOrder({ queue }: SchedulerState): number {
  const { table, classes } = queue;
  const lowest = classes.findLast(({ size }) => size > 0)?.index;
  let last = -1;
  for (let slot = 0; slot < table.used; slot += 1) {
    if (table.requests[slot] === undefined || tenantAt(queue, slot).classIndex !== lowest) continue;
    if (last < 0 || (table.sequence[slot] as number) > (table.sequence[last] as number)) last = slot;
  }
  return last;
}
