// What the main thread learns of the endpoints of the app's own model servers. What tokens cost there follows from the samples of all workers; how
// many requests an endpoint should have at once, how much memory it has for them and what others send to it, from what its engine says of
// itself. Where an engine says nothing there is no such bound: the gates of the workers see by latencies when it is too much.
import type { Clock, Snapshot } from "@flyball/core";
import {
  createEndpointCap,
  createGapChooser,
  createWorkLearner,
  DEFAULT_WORK_RATES,
  MOST_CAP,
  NO_LIMIT,
  type CapLearner,
  type CapReason,
  type GapChooser,
  type WorkLearner,
  type WorkRates,
} from "@flyball/traffic";
import type { FirstTokenSample, GapSample, TimingSamples } from "./endpoint-sample.ts";
import type { EngineFacts } from "./scrape/engine-facts.ts";
import { modelEndpoints } from "./model-endpoints.ts";
import { rateChange } from "./rate-change.ts";

/** What the scheduler is to keep to. What is not known is left out. */
export interface LearnedLimits {
  readonly rates: WorkRates;
  /** Requests of ours at once; `NO_LIMIT` where more would do no harm as far as the engine has shown. */
  readonly activeCap: number;
  readonly kvTokenCap?: number;
  /** Requests at once that it is expected to bear, while nothing has shown a limit. */
  readonly expectedCap?: number;
  /** Time of a token of an answer in the usual context, ms: how endpoints of a pool compare. Left out until answers were seen. */
  readonly tokenMs?: number;
}

/**
 * What is kept of an endpoint over a restart, or of a service that has none now: the prices that another endpoint of it may begin with. Its cap is
 * not: what an engine can bear is seen within seconds.
 */
export interface SavedEndpoint {
  readonly endpoint: string;
  readonly rates: WorkRates;
}

/** One endpoint, to be shown. */
export interface EndpointReport {
  readonly endpoint: string;
  readonly rates: WorkRates;
  readonly activeCap: number | null;
  readonly capReason: CapReason | null;
  readonly kvTokenCap: number | null;
  /** Requests at the engine that are not ours. */
  readonly foreignRunning: number;
  readonly firstTokens: number;
  readonly tokenGaps: number;
}

/** The learning of all endpoints. Bounded by those of the snapshot. */
export interface EndpointLearning {
  /** Which endpoints there are. */
  follow(snapshot: Snapshot): void;
  add(samples: TimingSamples): void;
  /** What an engine said, and how many requests of ours it had then. */
  addScrape(endpoint: string, facts: EngineFacts, ours: number): void;
  /** Tells what has moved. Called once a second. */
  tell(): void;
  save(): readonly SavedEndpoint[];
  report(): readonly EndpointReport[];
}

/** What it is made with. */
export interface EndpointLearningOptions {
  readonly clock: Clock;
  readonly saved: readonly SavedEndpoint[];
  /** Requests that other gateways have in flight at an endpoint. */
  readonly othersActive: (endpoint: string) => number;
  readonly onLearned: (endpoint: string, limits: LearnedLimits) => void;
}

/** What others send to an engine is the least of so many looks: one look may count a request of ours that has just ended. */
const FOREIGN_LOOKS = 3;
/** Endpoints are compared at this context, tokens. */
const USUAL_CONTEXT = 1_000;
/** Changes of less than this share are told to nobody. */
const WORTH_TELLING = 0.02;
/** Services whose prices are remembered; past this the one that was made first is forgotten. */
const MOST_SERVICES = 1_024;

interface Learner {
  readonly endpoint: string;
  readonly work: WorkLearner;
  readonly gaps: GapChooser;
  /** Its prices were known when it came. */
  readonly isKnown: boolean;
  /** undefined: the manifest says how many it bears. */
  readonly cap: CapLearner | undefined;
  readonly maxActive: number | undefined;
  readonly itlObjectiveMs: number | undefined;
  /** Its engine says how many wait in it: no need to tell from what comes late. */
  hasMetrics: boolean;
  kvTokenCap: number | undefined;
  readonly foreign: number[];
  /** Some request waited in the engine at the last look. */
  isQueueing: boolean;
  told: LearnedLimits | undefined;
}

/** An empty learning; what was saved is the prior of an endpoint of the same id, and of any other one of its service. */
export function createEndpointLearning(options: EndpointLearningOptions): EndpointLearning {
  const { clock, saved, othersActive, onLearned } = options;
  const learners = new Map<string, Learner>();
  const before = new Map<string, WorkRates>();
  const ofService = new Map<string, WorkRates>();
  const remember = (service: string, rates: WorkRates): void => {
    ofService.set(service, rates);
    if (ofService.size > MOST_SERVICES) ofService.delete(ofService.keys().next().value as string);
  };
  for (const { endpoint, rates } of saved) {
    if (typeof endpoint !== "string" || !isSound(rates)) continue;
    before.set(endpoint, rates);
    remember(serviceOf(endpoint), rates);
  }
  return {
    follow(snapshot) {
      for (const { endpoint, work } of learners.values()) {
        if (isTaught(work)) remember(serviceOf(endpoint), work.asPrior);
      }
      const gone = new Set(learners.keys());
      for (const { id, maxActive, itlObjectiveMs } of modelEndpoints(snapshot)) {
        gone.delete(id);
        const present = learners.get(id);
        if (present === undefined) {
          const prior = before.get(id) ?? ofService.get(serviceOf(id));
          learners.set(id, createLearner(id, prior, { maxActive, itlObjectiveMs }));
        } else if (present.maxActive !== maxActive || present.itlObjectiveMs !== itlObjectiveMs) {
          learners.set(id, { ...present, ...capOf({ maxActive, itlObjectiveMs }) });
        }
      }
      for (const id of gone) learners.delete(id);
    },
    add({ gaps, firstTokens }) {
      const now = clock.monotonic();
      for (const sample of firstTokens) {
        const learner = learners.get(sample.endpoint);
        if (learner !== undefined) addFirstToken(learner, sample, { others: othersActive(sample.endpoint), now });
      }
      for (const sample of gaps) {
        const learner = learners.get(sample.endpoint);
        if (learner === undefined) continue;
        const look = amongAll(sample, othersActive(sample.endpoint));
        const { itlMs, running, active, gaps: count } = look;
        learner.gaps.add(look);
        learner.cap?.addTokenGap(itlMs, { running, active, gaps: count }, now);
      }
    },
    addScrape(endpoint, { running, waiting, preemptions, kvCapacityTokens }, ours) {
      const learner = learners.get(endpoint);
      if (learner === undefined) return;
      if (kvCapacityTokens !== undefined) learner.kvTokenCap = kvCapacityTokens;
      learner.hasMetrics = true;
      learner.isQueueing = waiting > 0;
      learner.cap?.addScrape({ running, waiting, preemptions }, clock.monotonic());
      learner.foreign.push(Math.max(0, running + waiting - ours));
      if (learner.foreign.length > FOREIGN_LOOKS) learner.foreign.shift();
    },
    tell() {
      const shown = capsShown(learners.values());
      for (const learner of learners.values()) {
        const limits = limitsOf(learner, shown.get(serviceOf(learner.endpoint)));
        if (limits === undefined || !hasMoved(learner.told, limits)) continue;
        learner.told = limits;
        onLearned(learner.endpoint, limits);
      }
    },
    save() {
      const known = [...learners.values()].filter(({ isKnown, work }) => isKnown || isTaught(work));
      const served = new Set(known.map(({ endpoint }) => serviceOf(endpoint)));
      return [
        ...[...ofService].flatMap(([endpoint, rates]) => (served.has(endpoint) ? [] : [{ endpoint, rates }])),
        ...known.map(({ endpoint, work }) => ({ endpoint, rates: work.asPrior })),
      ];
    },
    report: () => [...learners.values()].map(reportOf),
  };
}

function createLearner(endpoint: string, prior: WorkRates | undefined, wanted: WantedCap): Learner {
  const work = createWorkLearner(prior ?? DEFAULT_WORK_RATES);
  return {
    endpoint,
    work,
    gaps: createGapChooser(work),
    isKnown: prior !== undefined,
    ...capOf(wanted),
    hasMetrics: false,
    kvTokenCap: undefined,
    foreign: [],
    isQueueing: false,
    told: undefined,
  };
}

/** What the manifest says of its cap. */
type WantedCap = Pick<Learner, "maxActive" | "itlObjectiveMs">;

/** Where the manifest says how many an endpoint bears there is nothing to learn. */
function capOf({ maxActive, itlObjectiveMs }: WantedCap): WantedCap & Pick<Learner, "cap"> {
  return { maxActive, itlObjectiveMs, cap: maxActive === undefined ? createEndpointCap(itlObjectiveMs) : undefined };
}

/** Requests that it bears at once, as far as is known. */
function mostOf({ maxActive, cap }: Learner): number {
  return maxActive ?? cap?.cap ?? MOST_CAP;
}

function isTaught({ firstTokens, tokenGaps }: WorkLearner): boolean {
  return firstTokens + tokenGaps > 0;
}

/** A look at the endpoint with what other gateways have there: theirs are taken to be like ours. */
function amongAll(sample: GapSample, others: number): GapSample {
  if (others === 0) return sample;
  const { running, active, contextTokens } = sample;
  const factor = (active + others) / active;
  return { ...sample, running: running * factor, active: active + others, contextTokens: contextTokens * factor };
}

/** Without metrics a first token that comes late is the only sign of requests that wait in the engine. Those say nothing of the prompts before them. */
function addFirstToken(
  learner: Learner,
  { uncachedTokens, ttftMs, running, active }: FirstTokenSample,
  { others, now }: { readonly others: number; readonly now: number },
): void {
  const { cap, work, hasMetrics, isQueueing } = learner;
  const isLate =
    !hasMetrics &&
    cap?.addFirstToken(ttftMs, work.expectTtftMs(uncachedTokens), { running, active: active + others }, now);
  if (!isLate && !isQueueing && active + others <= mostOf(learner)) work.addFirstToken(uncachedTokens, ttftMs);
}

/** The least cap that an endpoint of each service has shown: another one of it, which has shown none yet, is expected to bear as many. */
function capsShown(learners: Iterable<Learner>): ReadonlyMap<string, number> {
  const shown = new Map<string, number>();
  for (const { endpoint, cap } of learners) {
    if (cap === undefined || cap.cap >= MOST_CAP) continue;
    const service = serviceOf(endpoint);
    shown.set(service, Math.min(cap.cap, shown.get(service) ?? MOST_CAP));
  }
  return shown;
}

/** undefined: nothing is known of it. `shownBeside`: the cap that others of its service have shown. */
function limitsOf(learner: Learner, shownBeside?: number): LearnedLimits | undefined {
  const { work, kvTokenCap, foreign, told, isKnown } = learner;
  if (!isKnown && !isTaught(work) && foreign.length === 0 && told === undefined) return undefined;
  const most = mostOf(learner);
  const rates = work.rates(most);
  const expected = learner.cap && (shownBeside ?? learner.cap.foreseen);
  return {
    rates,
    ...(work.tokenGaps > 0 ? { tokenMs: rates.decodeMs + rates.contextMs * USUAL_CONTEXT } : {}),
    activeCap: most >= MOST_CAP ? NO_LIMIT : Math.max(1, most - foreignOf(foreign)),
    ...(expected === undefined ? {} : { expectedCap: expected }),
    ...(kvTokenCap === undefined ? {} : { kvTokenCap }),
  };
}

function foreignOf(foreign: readonly number[]): number {
  return foreign.length < FOREIGN_LOOKS ? 0 : Math.min(...foreign);
}

function reportOf(learner: Learner): EndpointReport {
  const { endpoint, work, cap, foreign } = learner;
  const limits = limitsOf(learner);
  return {
    endpoint,
    rates: limits?.rates ?? work.rates(mostOf(learner)),
    activeCap: cap === undefined || limits === undefined || limits.activeCap === NO_LIMIT ? null : limits.activeCap,
    capReason: cap?.reason ?? null,
    kvTokenCap: limits?.kvTokenCap ?? null,
    foreignRunning: foreignOf(foreign),
    firstTokens: work.firstTokens,
    tokenGaps: work.tokenGaps,
  };
}

function hasMoved(told: LearnedLimits | undefined, limits: LearnedLimits): boolean {
  if (told === undefined) return true;
  if (told.activeCap !== limits.activeCap || told.kvTokenCap !== limits.kvTokenCap) return true;
  if (told.expectedCap !== limits.expectedCap) return true;
  return rateChange(told.rates, limits.rates) > WORTH_TELLING;
}

function serviceOf(endpoint: string): string {
  return endpoint.split("/", 1)[0] ?? "";
}

function isSound(rates: unknown): rates is WorkRates {
  if (typeof rates !== "object" || rates === null) return false;
  const { prefillMs, decodeMs, contextMs } = rates as WorkRates;
  return [prefillMs, decodeMs, contextMs].every((each) => Number.isFinite(each) && each >= 0);
}
