// One run: the state of the world and what happens in it. `simulate` decides when; this file says what.
import { assertNever } from "@flyball/core";
import type { EventHeap } from "../event/event-heap.ts";
import { OUTCOME, type Outcomes } from "../metrics/outcomes.ts";
import { REFUSED, type Dispatch, type Policy } from "../policy/policy.ts";
import type { TraceRequest } from "../trace/trace-request.ts";
import type { Fault } from "./fault.ts";
import type { Replica } from "./replica.ts";

/** Kinds of events in the heap. `reach`: a request comes to its engine. `arrive`: one comes to a policy that stands inside of the engines. */
export const EVENT = { step: 0, reach: 1, tick: 2, fault: 3, scale: 4, ready: 5, arrive: 6 } as const;

/** A request is sent again this often when replicas die under it. */
const MAX_ATTEMPTS = 4;
/** The index of an event holds two numbers: an attempt or a life above, the index of a request or replica below. */
const REQUEST_LIMIT = 2 ** 24;
const REPLICA_LIMIT = 2 ** 12;

/** Everything of one run. */
export interface Run {
  readonly requests: readonly TraceRequest[];
  readonly replicas: readonly Replica[];
  readonly policy: Policy;
  readonly outcomes: Outcomes;
  /** By request id: what the engine was told. */
  readonly priorities: Float64Array;
  readonly heap: EventHeap;
  /** From the router to the engine, ms. */
  readonly networkMs: number;
  readonly isJudged: (request: TraceRequest) => boolean;
  /** See `PolicySpec`. */
  readonly isInEngines: boolean;
  /** Of the size of the pool: a drained replica is empty. */
  retire: (replica: Replica, now: number) => void;
  /** Judged requests that have not ended. */
  judgedLeft: number;
}

/** A request comes: to a router at once, to a policy inside of the engines after its way there. */
export function meet(run: Run, request: TraceRequest, now: number): void {
  if (run.isInEngines) {
    run.heap.push(
      now + run.networkMs + (run.replicas[0] as Replica).profile.requestOverheadMs,
      EVENT.arrive,
      request.id,
    );
    return;
  }
  run.policy.arrive(request, now);
  pump(run, now);
}

/** Lets the router send what it will. */
export function pump(run: Run, now: number): void {
  for (let next = run.policy.dispatch(now); next !== undefined; next = run.policy.dispatch(now)) {
    if (next.replica === REFUSED) settle(run, next.request.id, OUTCOME.refused, now);
    else send(run, next, now);
  }
}

function send(run: Run, { request, replica, priority = 0 }: Dispatch, now: number): void {
  const { id } = request;
  const { outcomes, replicas, heap } = run;
  const attempt = (outcomes.attempts[id] as number) + 1;
  outcomes.attempts[id] = attempt;
  outcomes.sentAt[id] = now;
  outcomes.replica[id] = replica;
  run.priorities[id] = priority;
  if (run.isInEngines) {
    reach(run, attempt * REQUEST_LIMIT + id, now);
    return;
  }
  const delayMs = run.networkMs + (replicas[replica] as Replica).profile.requestOverheadMs;
  heap.push(now + delayMs, EVENT.reach, attempt * REQUEST_LIMIT + id);
}

/** The request comes to its engine, unless its replica died meanwhile. */
export function reach(run: Run, index: number, now: number): void {
  const id = index % REQUEST_LIMIT;
  const { outcomes } = run;
  const place = outcomes.replica[id] as number;
  // Its replica died on the way and it was taken back, maybe sent again since.
  if (place < 0 || outcomes.attempts[id] !== Math.floor(index / REQUEST_LIMIT)) return;
  const replica = run.replicas[place] as Replica;
  if (replica.state === "down" || replica.state === "off") {
    lose(run, id, now);
  } else if (replica.add(run.requests[id] as TraceRequest, run.priorities[id] as number)) {
    startStep(run, place, now);
  } else {
    // The engine's own queue is full: it answers 503.
    run.policy.end(run.requests[id] as TraceRequest, 0, now);
    settle(run, id, OUTCOME.refused, now);
  }
}

function startStep(run: Run, place: number, now: number): void {
  const replica = run.replicas[place] as Replica;
  if (replica.isStepping) return;
  const durationMs = replica.batch.beginStep();
  if (durationMs === undefined) return;
  replica.isStepping = true;
  run.heap.push(now + durationMs * replica.slowness, EVENT.step, replica.life * REPLICA_LIMIT + place);
}

/** A step is over: first tokens, ends, and the next step. */
export function finishStep(run: Run, index: number, now: number): void {
  const place = index % REPLICA_LIMIT;
  const replica = run.replicas[place] as Replica;
  if (replica.life !== Math.floor(index / REPLICA_LIMIT)) return;
  replica.isStepping = false;
  const { first, finished } = replica.batch.endStep();
  const { outcomes, policy, requests } = run;
  for (const { id, cachedTokens } of first) {
    // One that was preempted and read again has had its first token before.
    if (!Number.isNaN(outcomes.firstAt[id])) continue;
    outcomes.firstAt[id] = now;
    outcomes.cachedTokens[id] = cachedTokens;
    policy.firstToken(requests[id] as TraceRequest, now);
  }
  for (const { id, preemptions } of finished) {
    replica.forget(id);
    outcomes.preemptions[id] = preemptions;
    const request = requests[id] as TraceRequest;
    policy.end(request, request.outputTokens, now);
    settle(run, id, OUTCOME.done, now);
  }
  if (replica.state === "draining" && replica.batch.running + replica.batch.waiting === 0) run.retire(replica, now);
  if (run.isInEngines) pump(run, now);
  // What a router sends now reaches the engine later, so the next step does not wait for it.
  startStep(run, place, now);
  if (!run.isInEngines && first.length + finished.length > 0) pump(run, now);
}

function settle(run: Run, id: number, state: number, now: number): void {
  run.outcomes.state[id] = state;
  run.outcomes.endAt[id] = now;
  if (run.isJudged(run.requests[id] as TraceRequest)) run.judgedLeft -= 1;
}

/** Its replica is gone: before the first token it arrives again, after it the client has half an answer and an error. */
function lose(run: Run, id: number, now: number): void {
  const { outcomes, policy } = run;
  const request = run.requests[id] as TraceRequest;
  const hadFirstToken = !Number.isNaN(outcomes.firstAt[id]);
  outcomes.replica[id] = -1;
  policy.lost(request, hadFirstToken, now);
  if (hadFirstToken) settle(run, id, OUTCOME.cut, now);
  else if ((outcomes.attempts[id] as number) >= MAX_ATTEMPTS) settle(run, id, OUTCOME.failed, now);
  else policy.arrive(request, now);
}

/** Something happens to a replica on purpose. */
export function strike(run: Run, fault: Fault, now: number): void {
  const replica = run.replicas[fault.replica] as Replica;
  switch (fault.kind) {
    case "slow":
      replica.slowness = fault.factor;
      return;
    case "up":
      replica.state = "serving";
      run.policy.setServing(fault.replica, true, now);
      break;
    case "down":
      replica.crash();
      run.policy.setServing(fault.replica, false, now);
      for (const { id } of run.requests) {
        const isThere = run.outcomes.replica[id] === fault.replica && run.outcomes.state[id] === OUTCOME.pending;
        if (isThere) lose(run, id, now);
      }
      break;
    default:
      assertNever(fault);
  }
  pump(run, now);
}
