// Runs one case: the trace at a rate, a policy, a pool.
import {
  measureFlow,
  OUTCOME,
  quantileOf,
  simulate,
  stretchTime,
  summarise,
  type Objective,
  type PolicySpec,
  type RunSummary,
  type SimulationResult,
  type TraceRequest,
} from "@flyball/sim";
import { type CaseResult, type ClientResult, CURVE_SHARES } from "./case-result.ts";
import type { Pool } from "./read-pools.ts";

/** What to run. */
export interface CaseInput {
  readonly requests: readonly TraceRequest[];
  /** Tokens of a prefix block of the trace, 0: it has none. */
  readonly blockTokens: number;
  readonly policy: PolicySpec;
  readonly pool: Pool;
  readonly loadFactor: number;
  readonly objective: Objective;
  readonly seed: number;
  readonly isSweep?: boolean;
}

/** Clients of which the figures are kept one by one; those with the most tokens. */
const CLIENTS_KEPT = 200;

/** Simulates it to its last request. Takes a second or so for some ten thousand requests. */
export function runCase(input: CaseInput): CaseResult {
  const { blockTokens, policy, pool, objective, seed, loadFactor } = input;
  const requests = stretchTime(input.requests, 1 / loadFactor);
  // A cache keeps whole blocks of the trace's size, so an engine that is asked about such blocks counts in them.
  const profiles = pool.profiles.map((profile) => (blockTokens > 0 ? { ...profile, blockTokens } : profile));
  const result = simulate({
    requests,
    replicas: profiles.map((profile) => ({ profile })),
    policy,
    seed,
    objective,
    blockTokens,
  });
  const endMs = requests.at(-1)?.arrivedAt ?? 0;
  const [profile] = profiles;
  if (profile === undefined) throw new Error("a pool has at least one replica");
  const summary = summarise(result, { requests, judged: { fromMs: 0, toMs: endMs + 1 }, objective, profile });
  return resultOf(input, { requests, result, summary, endMs });
}

interface Run {
  readonly requests: readonly TraceRequest[];
  readonly result: SimulationResult;
  readonly summary: RunSummary;
  readonly endMs: number;
}

function resultOf({ policy, pool, loadFactor, isSweep = false }: CaseInput, run: Run): CaseResult {
  const { requests, result, summary, endMs } = run;
  // Gaps, not requests, fill the time from the first to the last; a trace of one moment has no rate.
  const requestsPerSecond = endMs > 0 ? (requests.length - 1) / (endMs / 1_000) : Number.NaN;
  const goodShare = summary.goodput.own;
  const good = goodShare * summary.requests;
  const clients = clientsOf(summary);
  return {
    policy: policy.name,
    pool: pool.name,
    replicas: pool.profiles.length,
    requestsPerSecond,
    loadFactor,
    isSweep,
    requests: summary.requests,
    notServed: summary.refused + summary.cut + summary.failed,
    ttft: summary.ttft,
    itl: summary.tpot,
    latency: summary.e2e,
    ...curvesOf(requests, result),
    goodShare,
    goodput: goodShare * requestsPerSecond,
    flow: measureFlow(result, requests),
    fairness: clients.length > 1 ? summary.jainClients : undefined,
    clients,
    enginePreemptions: summary.enginePreemptions,
    cacheHit: summary.cacheHit,
    replicaHours: summary.replicaHours,
    goodPerReplicaHour: good / summary.replicaHours,
  };
}

function clientsOf(summary: RunSummary): readonly ClientResult[] {
  return Object.entries(summary.clients)
    .filter(([client]) => client !== "")
    .map(([client, group]) => ({ client, ...group }))
    .toSorted((a, b) => b.service - a.service)
    .slice(0, CLIENTS_KEPT);
}

function curvesOf(
  requests: readonly TraceRequest[],
  { outcomes }: SimulationResult,
): Pick<CaseResult, "ttftCurve" | "itlCurve"> {
  const served = requests.filter(({ id }) => outcomes.state[id] === OUTCOME.done);
  const ttfts = served.map(({ id, arrivedAt }) => (outcomes.firstAt[id] as number) - arrivedAt);
  const several = served.filter(({ outputTokens }) => outputTokens > 1);
  const itls = several.map(
    ({ id, outputTokens }) => ((outcomes.endAt[id] as number) - (outcomes.firstAt[id] as number)) / (outputTokens - 1),
  );
  return { ttftCurve: curveOf(ttfts), itlCurve: curveOf(itls) };
}

function curveOf(values: readonly number[]): readonly number[] {
  const sorted = Float64Array.from(values).toSorted();
  return CURVE_SHARES.map((share) => quantileOf(sorted, share));
}
