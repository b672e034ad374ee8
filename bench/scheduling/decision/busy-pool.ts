// A pool that is full, with thousands that wait: every end of a request is followed by decisions until nobody can start, and by an arrival.
import {
  createBalancer,
  createCellBook,
  createPoolScheduler,
  createPrefixIndex,
  type EndpointBook,
  type PoolScheduler,
  type ScheduledRequest,
} from "@flyball/traffic";

/** What the pool is like. */
export interface BusyPoolOptions {
  readonly endpoints: number;
  readonly queued: number;
  readonly tenants: number;
  readonly classes: number;
  /** Tokens of KV memory of an endpoint: the smaller, the more often somebody fits nowhere. */
  readonly kvTokens: number;
  /** Blocks of a prompt that the index looks at; 0: no index. */
  readonly blocks: number;
  /** Share of requests with a deadline. */
  readonly deadlines: number;
  readonly random: () => number;
}

/** The pool as a bench drives it. */
export interface BusyPool {
  readonly scheduler: PoolScheduler;
  readonly book: EndpointBook;
  readonly running: ScheduledRequest[];
  newcomer(now: number): ScheduledRequest;
}

const ACTIVE_CAP = 64;
/** Prompts begin alike: this many prefixes are in use. */
const PREFIXES = 200;

/** Fills it: endpoints until nobody fits, then the queue. */
export function createBusyPool(options: BusyPoolOptions): BusyPool {
  const { endpoints, random, blocks } = options;
  const book = createCellBook({ endpoints, rows: 1 });
  for (let endpoint = 0; endpoint < endpoints; endpoint += 1) {
    book.setLimits(endpoint, {
      activeCap: ACTIVE_CAP,
      prefillTokenCap: 4_096,
      kvTokenCap: options.kvTokens,
      weight: 1,
      rates: { prefillMs: 0.07, decodeMs: 0.35, contextMs: 1e-4 },
      isServing: true,
    });
  }
  const scheduler = createPoolScheduler({
    book,
    random,
    balancer: createBalancer("least-load", random),
    maxQueued: options.queued * 2 + endpoints * ACTIVE_CAP,
    ...(blocks > 0 && { prefixes: createPrefixIndex({ endpoints }) }),
  });
  let id = 0;
  const newcomer = (now: number): ScheduledRequest => requestOf((id += 1), now, options);
  const running: ScheduledRequest[] = [];
  const fill = endpoints * ACTIVE_CAP + options.queued;
  for (let arrival = 0; arrival < fill && scheduler.queued < options.queued; arrival += 1) {
    scheduler.arrive(newcomer(arrival), arrival);
    for (let grant = scheduler.grant(arrival); grant !== undefined; grant = scheduler.grant(arrival)) {
      running.push(grant.request);
      if (random() < 0.9) scheduler.firstToken(grant.request, arrival);
    }
  }
  return { scheduler, book, running, newcomer };
}

function requestOf(id: number, now: number, options: BusyPoolOptions): ScheduledRequest {
  const { random } = options;
  const inputTokens = Math.ceil(Math.exp(6.5 + 1.2 * gauss(random)));
  const outputTokens = Math.ceil(Math.exp(5.5 + gauss(random)));
  const prefix = Math.floor(random() * PREFIXES);
  return {
    id,
    tenant: `tenant-${Math.floor(random() ** 2 * options.tenants)}`,
    classIndex: Math.floor(random() * options.classes),
    arrivedAt: now,
    deadlineAt: random() < options.deadlines ? now + 60_000 * random() : Number.POSITIVE_INFINITY,
    inputTokens,
    outputTokens,
    outputTokensHigh: Math.ceil(outputTokens * 1.5),
    workMs: 0.07 * inputTokens + 0.4 * outputTokens,
    blocks: Array.from({ length: options.blocks }, (_, block) =>
      block < options.blocks / 2 ? prefix * 1_000 + block : id * 100_000 + block,
    ),
  };
}

function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
