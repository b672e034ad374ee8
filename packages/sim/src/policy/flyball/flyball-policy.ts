// Our own router: the pool scheduler, the predictor, the work learner and the prefix index of @flyball/traffic, wired as the gateway wires
// them. Nothing is decided here; the simulation judges the very code that ships.
import {
  createCellBook,
  createPoolScheduler,
  createPrefixIndex,
  workOf,
  type EndpointBook,
  type OrderOptions,
  type OutputPrediction,
  type PrefixIndex,
  type ScheduledRequest,
} from "@flyball/traffic";
import type { SimRequest } from "../../trace/trace-request.ts";
import type { Policy, Truth, World } from "../policy.ts";
import { createPredictorForesight, type CreateForesight } from "./foresight.ts";
import { createRateBook, type RateBook } from "./rate-book.ts";

/** Knobs, for ablations; what is left out is as it ships. */
export interface FlyballOptions {
  readonly order?: Partial<OrderOptions>;
  readonly createForesight?: CreateForesight;
  /** Without it nothing is known of prefix caches. */
  readonly hasPrefixIndex?: boolean;
  /** Requests at once are learned instead of the engine's own limit. */
  readonly learnsCaps?: boolean;
  /** Share of the memory that may be reserved; 1. */
  readonly kvShare?: number;
}

/** A request that waits in the scheduler or runs. */
interface Call {
  readonly request: SimRequest;
  readonly scheduled: ScheduledRequest;
  readonly prediction: OutputPrediction;
  sentAt: number;
  replica: number;
  /** Uncached prompt tokens in flight on the replica when it was sent, its own included. */
  prefillAhead: number;
  hasToken: boolean;
  delivered: number;
}

/** Between looks at running requests, ms. */
const PROGRESS_MS = 500;
const PREFILL_CHUNKS = 2;
const KV_SHARE = 1;
/** Tokens that the prefix index keeps for a replica. */
const INDEX_TOKENS = 2_000_000;

/** Creates our router for one run. */
export function createFlyballPolicy(world: World, truth: Truth, options: FlyballOptions = {}): Policy {
  const foresight = (options.createForesight ?? createPredictorForesight())(world, truth);
  const rates = createRateBook(world, options.learnsCaps ?? false);
  const book = createCellBook({ endpoints: world.replicas.length, rows: 1 });
  const serving = world.replicas.map(() => true);
  /** By id; bounded by the requests of the run. */
  const calls = new Map<number, Call>();
  const applyLimits = (): void => setLimits(world, book, { rates, serving, kvShare: options.kvShare ?? KV_SHARE });
  applyLimits();
  const scheduler = createPoolScheduler({
    book,
    random: world.random,
    maxQueued: 1_000_000,
    ...(options.order !== undefined && { order: options.order }),
    ...((options.hasPrefixIndex ?? true) && world.blockTokens > 0 && { prefixes: prefixIndexOf(world) }),
    reestimate(request, delivered) {
      const prediction = calls.get(request.id)?.prediction;
      const left = prediction?.remainingAfter(delivered) ?? 0;
      return {
        workMs: workOf(rates.reference, 0, request.inputTokens + delivered, left),
        outputTokensHigh: delivered + left,
      };
    },
  });

  function finish(request: SimRequest, outputTokens: number, now: number): void {
    const call = calls.get(request.id);
    if (call === undefined) return;
    calls.delete(request.id);
    scheduler.end(call.scheduled, outputTokens, now);
  }

  return {
    tickMs: PROGRESS_MS,
    get queued() {
      return scheduler.queued;
    },
    backlogMs: () => scheduler.backlogMs(),
    arrive(request, now) {
      const prediction = foresight.predict(request);
      const scheduled = scheduledOf(request, prediction, rates);
      const unsent = { sentAt: 0, replica: -1, prefillAhead: 0, hasToken: false, delivered: 0 };
      calls.set(request.id, { request, scheduled, prediction, ...unsent });
      scheduler.arrive(scheduled, now);
    },
    dispatch(now) {
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
      finish(request, outputTokens, now);
      foresight.learn(request, outputTokens);
    },
    lost: (request, _hadFirstToken, now) => finish(request, 0, now),
    setServing(replica, isServing, now) {
      serving[replica] = isServing;
      applyLimits();
      if (isServing) scheduler.endpointStarted(replica, now);
    },
    tick(now) {
      lookAtRunning(now);
      rates.refresh(now);
      applyLimits();
    },
  };

  /** What a gateway learns from the streams that pass through it: how far each is, and how fast each replica writes. */
  function lookAtRunning(now: number): void {
    const writing = world.replicas.map(() => ({ requests: 0, tokens: 0, contextTokens: 0 }));
    for (const call of calls.values()) {
      if (!call.hasToken) continue;
      const delivered = world.delivered(call.request);
      const sum = writing[call.replica];
      if (sum !== undefined && call.delivered > 0) {
        sum.requests += 1;
        sum.tokens += delivered - call.delivered;
        sum.contextTokens += call.request.inputTokens + delivered;
      }
      call.delivered = delivered;
      scheduler.progress(call.scheduled, delivered, now);
    }
    for (const [replica, { requests, tokens, contextTokens }] of writing.entries()) {
      if (tokens === 0) continue;
      const itlMs = (PROGRESS_MS * requests) / tokens;
      const active = book.active(replica);
      const isReading = book.prefillTokens(replica) > 0;
      rates.addTokenGap(replica, { running: requests, active, contextTokens, itlMs, isReading }, now);
    }
  }
}

function scheduledOf(request: SimRequest, prediction: OutputPrediction, rates: RateBook): ScheduledRequest {
  const { id, tenant, classIndex, arrivedAt, inputTokens, blocks } = request;
  return {
    id,
    tenant,
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

function setLimits(
  world: World,
  book: EndpointBook,
  known: { readonly rates: RateBook; readonly serving: readonly boolean[]; readonly kvShare: number },
): void {
  for (const [endpoint, facts] of world.replicas.entries()) {
    book.setLimits(endpoint, {
      activeCap: known.rates.cap(endpoint),
      prefillTokenCap: PREFILL_CHUNKS * facts.maxTokensPerStep,
      kvTokenCap: Math.floor(known.kvShare * facts.kvCapacityTokens),
      weight: 1,
      rates: known.rates.rates(endpoint),
      isServing: known.serving[endpoint] as boolean,
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
