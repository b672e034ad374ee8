// Counts model calls from their settled records, in one place: what a metric says and what the ledger says cannot differ.
import { inputTokens, outputTokens, type LedgerRecord } from "@flyball/core";
import type { MetricFamily } from "@flyball/telemetry";
import { errorTypeOf } from "./error-type.ts";
import { createModelMetricSet, findModelSeries, type ModelSeries } from "./model-series.ts";

/** What a record does not say of its call. */
export interface CallNature {
  /** From `operationName`. */
  readonly operation: string;
  readonly isStream: boolean;
}

/** The counts of one worker. */
export interface CallMetrics {
  /** A settled call, once. */
  add(record: LedgerRecord, nature: CallNature): void;
  collect(): MetricFamily[];
}

/** Kept look-ups; a further one empties the memory. The counts themselves stay. */
const MAX_KEPT = 5_000;
const MILLION = 1_000_000;

/** Creates them. */
export function createCallMetrics(): CallMetrics {
  const set = createModelMetricSet();
  const kept = new Map<string, Map<string, ModelSeries[]>>();
  let keptCount = 0;
  const operations: string[] = [];
  const findSeries = (record: LedgerRecord, operation: string): ModelSeries => {
    const backend = record.isCached ? "cache" : record.backend === "" ? "none" : record.backend;
    let at = operations.indexOf(operation);
    if (at < 0) at = operations.push(operation) - 1;
    const known = kept.get(record.model)?.get(backend)?.[at];
    if (known) return known;
    if (keptCount >= MAX_KEPT) {
      kept.clear();
      keptCount = 0;
    }
    const { model, provider, providerModel } = record;
    const series = findModelSeries(set, { model, backend, provider, providerModel, operation });
    const ofModel = kept.get(model) ?? new Map<string, ModelSeries[]>();
    const ofBackend = ofModel.get(backend) ?? [];
    kept.set(model, ofModel);
    ofModel.set(backend, ofBackend);
    ofBackend[at] = series;
    keptCount += 1;
    return series;
  };
  return {
    add(record, nature) {
      const series = findSeries(record, nature.operation);
      series.requests[record.outcome].add();
      if (record.isCached) return;
      addUsage(series, record);
      addTimes(series, record, nature.isStream);
      if (record.isHedged) series.hedges.add();
      if (record.isResumed) series.resumes.add();
    },
    collect() {
      const { cost, ...others } = set;
      const families = Object.values(others).map((metric) => metric.collect());
      return [...families, inUnits(cost.collect())];
    },
  };
}

function addUsage(series: ModelSeries, { usage, cost, isEstimated }: LedgerRecord): void {
  const input = inputTokens(usage);
  const output = outputTokens(usage);
  if (isEstimated) {
    series.estimatedInput.add(input);
    series.estimatedOutput.add(output);
  } else if (input + output > 0) {
    series.input.add(input);
    series.output.add(output);
    series.inputUsage.observe(input);
    series.outputUsage.observe(output);
  }
  if (cost.usd > 0) series.usd.add(cost.usd);
  if (cost.cny > 0) series.cny.add(cost.cny);
  if (cost.isUnknown) series.unpriced.add();
}

function addTimes(series: ModelSeries, record: LedgerRecord, isStream: boolean): void {
  const { ttftMs, durationMs, usage, isEstimated, outcome } = record;
  const errorType = errorTypeOf(record);
  (errorType === undefined ? series.duration : series.failedDuration(errorType)).observe(durationMs / 1_000);
  if (!isStream || ttftMs === undefined) return;
  series.firstToken.observe(ttftMs / 1_000);
  const later = outputTokens(usage) - 1;
  if (later < 1 || isEstimated || outcome !== "answered") return;
  series.outputToken.observe(Math.max(0, durationMs - ttftMs) / 1_000 / later);
}

function inUnits(family: MetricFamily): MetricFamily {
  const samples = family.samples.map(({ labels, value }) => ({ labels, value: value / MILLION }));
  return { ...family, samples };
}
