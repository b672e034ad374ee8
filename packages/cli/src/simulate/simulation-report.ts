// All that a replay has to tell, as plain JSON.
import { mixOf, type Objective, type Trace, type TraceProblem } from "@flyball/sim";
import type { CaseResult } from "./case-result.ts";

/** What the trace is like. */
export interface TraceFacts {
  readonly name: string;
  readonly requests: number;
  readonly spanMs: number;
  /** Undefined where all requests come at one moment. */
  readonly requestsPerSecond: number | undefined;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly clients: number;
  /** Squared coefficient of variation of the gaps between arrivals: 1 is Poisson. */
  readonly arrivalVariation: number | undefined;
  readonly hasPrefixes: boolean;
  readonly skipped: Readonly<Record<string, number>>;
  readonly problemCount: number;
  readonly problems: readonly TraceProblem[];
}

/** A replay and what came of it. */
export interface SimulationReport {
  readonly trace: TraceFacts;
  readonly objective: Objective;
  readonly seed: number;
  readonly cases: readonly CaseResult[];
}

/** The facts of a trace with at least one request. */
export function traceFacts(trace: Trace): TraceFacts {
  const { requests, name, skipped, problemCount, problems, blockTokens } = trace;
  const mix = mixOf(requests, blockTokens);
  const mean = (value: (request: Trace["requests"][number]) => number): number =>
    requests.reduce((sum, request) => sum + value(request), 0) / requests.length;
  return {
    name,
    requests: requests.length,
    spanMs: requests.at(-1)?.arrivedAt ?? 0,
    requestsPerSecond: mix?.requestsPerSecond,
    inputTokens: mean(({ inputTokens }) => inputTokens),
    outputTokens: mean(({ outputTokens }) => outputTokens),
    clients: new Set(requests.map(({ client }) => client).filter((client) => client !== "")).size,
    arrivalVariation: mix?.arrivalVariation,
    hasPrefixes: blockTokens > 0,
    skipped,
    problemCount,
    problems,
  };
}
