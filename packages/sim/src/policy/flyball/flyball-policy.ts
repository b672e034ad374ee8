// Our own router: the pool scheduler, the predictor, the work learner and the prefix index of @flyball/traffic, wired as the gateway wires
// them. Nothing is decided here; the simulation judges the very code that ships.
import { DEFAULT_SCHEDULE, type BalanceAlgorithm } from "@flyball/core";
import {
  createBalancer,
  createCellBook,
  createPoolScheduler,
  createPrefixIndex,
  workOf,
  type EndpointBook,
  type OrderOptions,
  type OutputPrediction,
  type PoolScheduler,
  type PrefixIndex,
  type ScheduledRequest,
} from "@flyball/traffic";
import type { SimRequest } from "../../trace/trace-request.ts";
import { REFUSED, type Policy, type Truth, type World } from "../policy.ts";
import { createCall, watchCalls, type Call } from "./calls.ts";
import { createPredictorForesight, type CreateForesight } from "./foresight.ts";
import { createRateBook, type CapLearning, type RateBook } from "./rate-book.ts";
import { createWaitLimit } from "./wait-limit.ts";

/** Knobs, for ablations; what is left out is as it ships. */
export interface FlyballOptions {
  readonly order?: Partial<OrderOptions>;
  readonly createForesight?: CreateForesight;
  /** Without it nothing is known of prefix caches. */
  readonly hasPrefixIndex?: boolean;
  /** Where requests at once come from; the engine's own limit. */
  readonly learnsCaps?: CapLearning;
  /** Who waits longer is refused; nobody is. */
  readonly maxWaitMs?: number;
  /** Where those go who start; least load. */
  readonly balance?: BalanceAlgorithm;
  /** All requests are of one tenant: with the order of arrival it is first come, first served. */
  readonly isOneTenant?: boolean;
  /** Share of the memory that may be reserved; the gateway's default. */
  readonly kvShare?: number;
}

/** Between looks at running requests, ms. */
const PROGRESS_MS = 500;
/** No request of a run is turned away for the queue's length: the products compared with have no bound either. */
const MAX_QUEUED = 10_000_000;
/** Tokens that the prefix index keeps for a replica. */
const INDEX_TOKENS = 2_000_000;

/** The parts of one router. */
interface Router {
  readonly world: World;
  readonly options: FlyballOptions;
  readonly rates: RateBook;
  readonly book: EndpointBook;
  readonly serving: boolean[];
  /** By id; bounded by the requests of the run. */
  readonly calls: Map<number, Call>;
}

/** Creates our router for one run. */
export function createFlyballPolicy(world: World, truth: Truth, options: FlyballOptions = {}): Policy {
  const foresight = (options.createForesight ?? createPredictorForesight())(world, truth);
  const router: Router = {
    world,
    options,
    rates: createRateBook(world, options.learnsCaps ?? "engines-own"),
    book: createCellBook({ endpoints: world.replicas.length, rows: 1 }),
    serving: world.replicas.map(() => true),
    calls: new Map(),
  };
  const { calls, rates, book, serving } = router;
  applyLimits(router);
  const scheduler = schedulerOf(router);
  const watch = { world, book, scheduler, rates, sinceMs: PROGRESS_MS };
  const waits = createWaitLimit(options.maxWaitMs ?? Number.POSITIVE_INFINITY);
  const refused: SimRequest[] = [];
  const finish = (request: SimRequest, outputTokens: number, now: number): void => {
    const call = calls.get(request.id);
    if (call === undefined) return;
    calls.delete(request.id);
    scheduler.end(call.scheduled, outputTokens, now);
  };

  return {
    tickMs: PROGRESS_MS,
    get queued() {
      return scheduler.queued;
    },
    poolLoad: (now) => scheduler.load(now).sums,
    arrive(request, now) {
      if (scheduler.queued > 0 && !waits.admits(scheduler.queued + 1, slotsIn(router))) {
        refused.push(request);
        return;
      }
      waits.wait(request, now);
      const prediction = foresight.predict(request);
      const scheduled = scheduledOf(request, prediction, router);
      calls.set(request.id, createCall(request, scheduled, prediction));
      scheduler.arrive(scheduled, now);
    },
    dispatch(now) {
      const overdue = waits.nextOverdue(now, ({ id }) => calls.get(id)?.replica === -1);
      if (overdue !== undefined) {
        scheduler.cancel((calls.get(overdue.id) as Call).scheduled, now);
        calls.delete(overdue.id);
      }
      const out = overdue ?? refused.pop();
      if (out !== undefined) return { request: out, replica: REFUSED };
      const grant = scheduler.grant(now);
      if (grant === undefined) return undefined;
      const call = calls.get(grant.request.id) as Call;
      call.sentAt = now;
      call.replica = grant.endpoint;
      call.prefillAhead = book.prefillTokens(grant.endpoint);
      return { request: call.request, replica: grant.endpoint, priority: grant.key };
    },
    firstToken(request, now) {
      const call = calls.get(request.id);
      if (call === undefined) return;
      call.hasToken = true;
      rates.addFirstToken(call.replica, call.prefillAhead, now - call.sentAt);
      scheduler.firstToken(call.scheduled, now);
    },
    end(request, outputTokens, now) {
      const call = calls.get(request.id);
      if (call !== undefined) waits.served(now - call.sentAt);
      finish(request, outputTokens, now);
      foresight.learn(request, outputTokens);
    },
    lost: (request, _hadFirstToken, now) => finish(request, 0, now),
    setServing(replica, isServing) {
      serving[replica] = isServing;
      applyLimits(router);
      if (isServing) scheduler.endpointStarted(replica);
    },
    tick(now) {
      watchCalls(calls.values(), watch, now);
      rates.refresh(now);
      applyLimits(router);
    },
  };
}

function schedulerOf({ world, options, rates, book, calls }: Router): PoolScheduler {
  return createPoolScheduler({
    book,
    random: world.random,
    maxQueued: MAX_QUEUED,
    ...(options.order !== undefined && { order: options.order }),
    ...(options.balance !== undefined && { balancer: createBalancer(options.balance, world.random) }),
    ...((options.hasPrefixIndex ?? true) && world.blockTokens > 0 && { prefixes: prefixIndexOf(world) }),
    reestimate(request, delivered) {
      const left = calls.get(request.id)?.prediction.remainingAfter(delivered) ?? 0;
      return {
        workMs: workOf(rates.reference, 0, request.inputTokens + delivered, left),
        outputTokensHigh: delivered + left,
      };
    },
  });
}

function scheduledOf(
  request: SimRequest,
  prediction: OutputPrediction,
  { rates, options }: Pick<Router, "rates" | "options">,
): ScheduledRequest {
  const { id, tenant, classIndex, arrivedAt, inputTokens, blocks } = request;
  return {
    id,
    tenant: options.isOneTenant === true ? "" : tenant,
    classIndex,
    arrivedAt,
    deadlineAt: Number.POSITIVE_INFINITY,
    inputTokens,
    outputTokens: prediction.p50,
    // Memory is reserved by the peak of what all need together, so what one needs is its mean.
    outputTokensHigh: prediction.mean,
    workMs: workOf(rates.reference, inputTokens, inputTokens, prediction.p50),
    blocks,
  };
}

/** Requests that are worked on at once, as far as is known. */
function slotsIn({ world, rates, serving }: Router): number {
  return world.replicas.reduce(
    (sum, _facts, replica) => (serving[replica] === true ? sum + rates.cap(replica) : sum),
    0,
  );
}

function applyLimits({ world, options, rates, book, serving }: Router): void {
  for (const [endpoint, facts] of world.replicas.entries()) {
    book.setLimits(endpoint, {
      activeCap: rates.cap(endpoint),
      prefillTokenCap: DEFAULT_SCHEDULE.promptChunks * facts.maxTokensPerStep,
      kvTokenCap: Math.floor((options.kvShare ?? DEFAULT_SCHEDULE.kvUtilization) * facts.kvCapacityTokens),
      weight: 1,
      rates: rates.rates(endpoint),
      isServing: serving[endpoint] as boolean,
    });
  }
}

function prefixIndexOf({ replicas, blockTokens }: World): PrefixIndex {
  return createPrefixIndex({
    endpoints: replicas.length,
    blockTokens,
    maxBlocks: Math.ceil(INDEX_TOKENS / blockTokens),
  });
}
