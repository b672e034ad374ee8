// The figures of one run, over the judged requests alone.
import type { EngineProfile } from "@flyball/engine-model";
import type { SimulationResult } from "../simulate.ts";
import type { TraceRequest } from "../trace/trace-request.ts";
import { createGroupTally, jainIndex, type GroupSummary, type GroupTally } from "./group-summary.ts";
import { isGood, OBJECTIVES, type Objective, type ObjectiveName } from "./objective.ts";
import { OUTCOME } from "./outcomes.ts";
import { meanOf, spreadOf, type Spread } from "./quantile.ts";
import { soloTimeMs } from "./solo-time.ts";

/** All figures of one run; plain JSON. */
export interface RunSummary {
  readonly requests: number;
  /** Refused, cut or failed, of all judged. */
  readonly refused: number;
  readonly cut: number;
  readonly failed: number;
  /** Of the requests that were served, ms. */
  readonly ttft: Spread;
  readonly e2e: Spread;
  readonly tpot: Spread;
  /** Latency ÷ output tokens, ms. */
  readonly normalised: Spread;
  /** Held back by the router, ms. */
  readonly wait: Spread;
  readonly slowdown: Spread;
  /** Share of all judged requests that kept the objective; one that was not served has missed it. */
  readonly goodput: Readonly<Record<ObjectiveName | "own", number>>;
  /** Mean latency of the longest twentieth of answers, ms. */
  readonly longestE2eMs: number;
  /** Of slowdowns by client, and by tenant. */
  readonly jainClients: number;
  readonly jainTenants: number;
  readonly tenants: Readonly<Record<string, GroupSummary>>;
  readonly clients: Readonly<Record<string, GroupSummary>>;
  readonly enginePreemptions: number;
  /** Share of the prompt tokens that came from a cache. */
  readonly cacheHit: number;
  /** Judged requests' tokens per second of the judged time. */
  readonly inputPerSecond: number;
  readonly outputPerSecond: number;
  readonly replicaHours: number;
  readonly scaleActions: number;
}

/** What the figures are computed with. */
export interface SummariseOptions {
  readonly requests: readonly TraceRequest[];
  readonly judged: { readonly fromMs: number; readonly toMs: number };
  /** What "own" goodput means for this workload. */
  readonly objective: Objective;
  /** The engine that slowdowns are measured by. */
  readonly profile: EngineProfile;
}

/** Clients with fewer judged requests say nothing of fairness. */
const LEAST_REQUESTS = 5;

/** Computes all figures of a run. */
export function summarise(result: SimulationResult, options: SummariseOptions): RunSummary {
  const { outcomes } = result;
  const { judged } = options;
  const mine = options.requests.filter(({ arrivedAt }) => arrivedAt >= judged.fromMs && arrivedAt < judged.toMs);
  const served = mine.filter(({ id }) => outcomes.state[id] === OUTCOME.done);
  const count = (state: number): number => mine.filter(({ id }) => outcomes.state[id] === state).length;
  const of = (value: (request: TraceRequest) => number): Float64Array => Float64Array.from(served, value);
  const ttftOf = ({ id, arrivedAt }: TraceRequest): number => (outcomes.firstAt[id] as number) - arrivedAt;
  const e2eOf = ({ id, arrivedAt }: TraceRequest): number => (outcomes.endAt[id] as number) - arrivedAt;
  const tpotOf = ({ id, outputTokens }: TraceRequest): number =>
    ((outcomes.endAt[id] as number) - (outcomes.firstAt[id] as number)) / (outputTokens - 1);
  const waitOf = ({ id, arrivedAt }: TraceRequest): number => (outcomes.sentAt[id] as number) - arrivedAt;
  const slowdownOf = (request: TraceRequest): number =>
    e2eOf(request) / soloTimeMs(options.profile, request.inputTokens, request.outputTokens);
  const shareGood = (objective: Objective): number =>
    served.filter((request) =>
      isGood(objective, { inputTokens: request.inputTokens, ttftMs: ttftOf(request), tpotMs: tpotOf(request) }),
    ).length / mine.length;
  const seconds = (judged.toMs - judged.fromMs) / 1_000;
  const groups = groupServed(served, (request) => ({
    waitMs: waitOf(request),
    ttftMs: ttftOf(request),
    slowdown: slowdownOf(request),
    service: request.inputTokens + 2 * request.outputTokens,
  }));
  const longest = served.toSorted((a, b) => b.outputTokens - a.outputTokens).slice(0, Math.ceil(served.length / 20));
  return {
    requests: mine.length,
    refused: count(OUTCOME.refused),
    cut: count(OUTCOME.cut),
    failed: count(OUTCOME.failed),
    ttft: spreadOf(of(ttftOf)),
    e2e: spreadOf(of(e2eOf)),
    tpot: spreadOf(of(tpotOf).filter(Number.isFinite)),
    normalised: spreadOf(of((request) => e2eOf(request) / request.outputTokens)),
    wait: spreadOf(of(waitOf)),
    slowdown: spreadOf(of(slowdownOf)),
    goodput: {
      standard: shareGood(OBJECTIVES.standard),
      chat: shareGood(OBJECTIVES.chat),
      interactive: shareGood(OBJECTIVES.interactive),
      own: shareGood(options.objective),
    },
    longestE2eMs: meanOf(longest.map(e2eOf)),
    jainClients: jainOf(groups.clients),
    jainTenants: jainOf(groups.tenants),
    ...groups,
    enginePreemptions: result.enginePreemptions,
    cacheHit: sum(served, ({ id }) => outcomes.cachedTokens[id] as number) / sum(served, (it) => it.inputTokens),
    inputPerSecond: sum(served, (it) => it.inputTokens) / seconds,
    outputPerSecond: sum(served, (it) => it.outputTokens) / seconds,
    replicaHours: result.replicaHours,
    scaleActions: result.scaleActions,
  };
}

function groupServed(
  served: readonly TraceRequest[],
  factsOf: (request: TraceRequest) => Parameters<GroupTally["add"]>[0],
): { readonly tenants: Record<string, GroupSummary>; readonly clients: Record<string, GroupSummary> } {
  const tenants = new Map<string, GroupTally>();
  const clients = new Map<string, GroupTally>();
  const tallyOf = (groups: Map<string, GroupTally>, name: string): GroupTally => {
    const known = groups.get(name) ?? createGroupTally();
    groups.set(name, known);
    return known;
  };
  for (const request of served) {
    const facts = factsOf(request);
    tallyOf(tenants, request.tenant).add(facts);
    tallyOf(clients, request.client).add(facts);
  }
  const summarised = (groups: Map<string, GroupTally>): Record<string, GroupSummary> =>
    Object.fromEntries([...groups].map(([name, tally]) => [name, tally.summary()]));
  return { tenants: summarised(tenants), clients: summarised(clients) };
}

function jainOf(groups: Readonly<Record<string, GroupSummary>>): number {
  const known = Object.values(groups).filter(({ requests }) => requests >= LEAST_REQUESTS);
  // Of speeds, the inverse of slowdowns, so that one who waits for ever counts as one who gets nothing.
  return jainIndex(known.map(({ slowdown }) => 1 / slowdown));
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += value(item);
  return total;
}
