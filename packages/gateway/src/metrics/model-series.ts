// The metrics of model calls by name, and the series of one model at one backend, looked up once. The names with `gen_ai` are those of
// OpenTelemetry's conventions in Prometheus' spelling, with their buckets; the ids of keys, tenants and requests are no labels, so the
// number of series is bounded by what the manifest names.
import type { LedgerOutcome } from "@flyball/core";
import {
  createCounter,
  createHistogram,
  type Counter,
  type CounterSeries,
  type Histogram,
  type HistogramSeries,
} from "@flyball/telemetry";
import { providerName } from "./gen-ai-names.ts";

const OUTCOMES: readonly LedgerOutcome[] = [
  "answered",
  "cut",
  "cancelled",
  "failed",
  "refused",
  "lost",
  "shed",
  "limit-late",
];

/** 1 · 4ⁿ */
const TOKEN_BOUNDS: readonly number[] = Array.from({ length: 14 }, (_, power) => 4 ** power);
/** 0.01 · 2ⁿ */
const OPERATION_BOUNDS: readonly number[] = Array.from({ length: 14 }, (_, power) => 2 ** power / 100);
const FIRST_TOKEN_BOUNDS: readonly number[] = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
];
const OUTPUT_TOKEN_BOUNDS: readonly number[] = [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5];

const GEN_AI = ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_response_model"];
const MAX_SERIES = 20_000;

/** All metrics of calls. */
export interface ModelMetricSet {
  readonly requests: Counter;
  readonly tokens: Counter;
  /** In millionths; divided when it is collected, so that the sum stays a whole number. */
  readonly cost: Counter;
  readonly unpriced: Counter;
  readonly hedges: Counter;
  readonly resumes: Counter;
  readonly usage: Histogram;
  readonly duration: Histogram;
  readonly firstToken: Histogram;
  readonly outputToken: Histogram;
}

/** Makes them. */
export function createModelMetricSet(): ModelMetricSet {
  const counter = (name: string, help: string, labelNames: readonly string[]): Counter =>
    createCounter({ name, help, labelNames, maxSeries: MAX_SERIES });
  const histogram = (name: string, help: string, more: readonly string[], bounds: readonly number[]): Histogram =>
    createHistogram({ name, help, labelNames: [...GEN_AI, ...more], maxSeries: MAX_SERIES }, bounds);
  return {
    requests: counter(
      "flyball_model_requests_total",
      "Ended model calls by model, by the backend that answered (cache: none was asked, none: none was reached) and by outcome.",
      ["model", "backend", "outcome"],
    ),
    tokens: counter(
      "flyball_model_tokens_total",
      "Billable tokens by model and direction, reported by the backend or estimated.",
      ["model", "direction", "source"],
    ),
    cost: counter("flyball_model_cost_total", "Known cost of model calls in whole units of the currency.", [
      "model",
      "currency",
    ]),
    unpriced: counter("flyball_model_unpriced_requests_total", "Model calls whose cost is not wholly known.", [
      "model",
    ]),
    hedges: counter("flyball_model_hedges_total", "Model calls that got a second attempt beside a late first one.", [
      "model",
    ]),
    resumes: counter("flyball_model_resumes_total", "Cut answers that were gone on with elsewhere.", ["model"]),
    usage: histogram(
      "gen_ai_client_token_usage",
      "Billable input and output tokens of a call; estimates are left out.",
      ["gen_ai_token_type"],
      TOKEN_BOUNDS,
    ),
    duration: histogram(
      "gen_ai_client_operation_duration_seconds",
      "Duration of model calls.",
      ["error_type"],
      OPERATION_BOUNDS,
    ),
    firstToken: histogram(
      "gen_ai_server_time_to_first_token_seconds",
      "Time to the first content of a streamed answer.",
      [],
      FIRST_TOKEN_BOUNDS,
    ),
    outputToken: histogram(
      "gen_ai_server_time_per_output_token_seconds",
      "Time per output token after the first one, of streamed answers that came whole and whose tokens were reported.",
      [],
      OUTPUT_TOKEN_BOUNDS,
    ),
  };
}

/** What series belong to: all of it is named by the manifest. */
export interface SeriesSubject {
  readonly model: string;
  readonly backend: string;
  readonly provider: string;
  readonly providerModel: string;
  readonly operation: string;
}

/** The kept series of one model at one backend. */
export interface ModelSeries {
  readonly requests: Readonly<Record<LedgerOutcome, CounterSeries>>;
  readonly input: CounterSeries;
  readonly output: CounterSeries;
  readonly estimatedInput: CounterSeries;
  readonly estimatedOutput: CounterSeries;
  readonly usd: CounterSeries;
  readonly cny: CounterSeries;
  readonly unpriced: CounterSeries;
  readonly hedges: CounterSeries;
  readonly resumes: CounterSeries;
  readonly inputUsage: HistogramSeries;
  readonly outputUsage: HistogramSeries;
  readonly duration: HistogramSeries;
  readonly firstToken: HistogramSeries;
  readonly outputToken: HistogramSeries;
  failedDuration(errorType: string): HistogramSeries;
}

/** Looks them up. */
export function findModelSeries(set: ModelMetricSet, subject: SeriesSubject): ModelSeries {
  const { model, backend, operation } = subject;
  const named = [operation, providerName(subject.provider), model, subject.providerModel];
  const requests = OUTCOMES.map((outcome) => [outcome, set.requests.series(model, backend, outcome)]);
  return {
    requests: Object.fromEntries(requests) as Record<LedgerOutcome, CounterSeries>,
    input: set.tokens.series(model, "input", "reported"),
    output: set.tokens.series(model, "output", "reported"),
    estimatedInput: set.tokens.series(model, "input", "estimated"),
    estimatedOutput: set.tokens.series(model, "output", "estimated"),
    usd: set.cost.series(model, "usd"),
    cny: set.cost.series(model, "cny"),
    unpriced: set.unpriced.series(model),
    hedges: set.hedges.series(model),
    resumes: set.resumes.series(model),
    inputUsage: set.usage.series(...named, "input"),
    outputUsage: set.usage.series(...named, "output"),
    duration: set.duration.series(...named, ""),
    firstToken: set.firstToken.series(...named),
    outputToken: set.outputToken.series(...named),
    failedDuration: (errorType) => set.duration.series(...named, errorType),
  };
}
