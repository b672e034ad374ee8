// How a record stands in a journal line: a row of values without names, a third of the bytes and of the time of an object. A later version
// adds at the end. The usage of a single attempt that is the whole call's is written once.
import type { LedgerAttempt, LedgerOutcome, LedgerRecord } from "./ledger-record.ts";
import type { AttemptOutcome } from "./signal.ts";
import type { TokenUsage } from "./token-usage.ts";

/** Texts of a record as JSON strings, joined by commas: a writer of many records keeps them. `quoteRecord` makes them anew. */
export interface QuotedRecord {
  readonly id: string;
  readonly requestId: string;
  readonly app: string;
  /** key, tenant, route, model */
  readonly party: string;
  /** backend, provider, providerModel */
  readonly target: string;
  /** Of each attempt: backend, provider, model. */
  readonly attemptTargets: readonly string[];
  /** Of each attempt: the id of its price, or `0`. */
  readonly attemptPrices: readonly string[];
}

type PackedUsage = readonly [
  input: number,
  cacheRead: number,
  cacheWrite5m: number,
  cacheWrite1h: number,
  audioInput: number,
  imageInput: number,
  output: number,
  reasoning: number,
  audioOutput: number,
];

type PackedAttempt = readonly [
  backend: string,
  provider: string,
  model: string,
  outcome: AttemptOutcome,
  /** 0: that of the whole call. */
  usage: PackedUsage | 0,
  isEstimated: 0 | 1,
  priceId: string | 0,
  startedAt: number,
  durationMs: number,
];

/** The JSON value of a record in a line. */
export type PackedRecord = readonly [
  id: string,
  time: number,
  app: string,
  key: string,
  tenant: string,
  route: string,
  model: string,
  backend: string,
  provider: string,
  providerModel: string,
  attempts: readonly PackedAttempt[],
  usage: PackedUsage,
  estimate: 0 | "not-reported" | "lost",
  usd: number,
  cny: number,
  isUnknown: 0 | 1,
  status: number,
  outcome: LedgerOutcome,
  /** -1: no content came. */
  ttftMs: number,
  durationMs: number,
  /** 1 resumed, 2 hedged, 4 cached. */
  flags: number,
  /** Absent in older lines, whose id it is. */
  requestId?: string,
];

/** The JSON of a record. Times and durations are rounded to whole milliseconds. */
export function packRecord(record: LedgerRecord, quoted: QuotedRecord): string {
  const { attempts, usage, cost, estimateReason, ttftMs } = record;
  let packed = "";
  for (let index = 0; index < attempts.length; index += 1) {
    const { outcome, usage: own, isEstimated, startedAt, durationMs } = attempts[index] as LedgerAttempt;
    packed +=
      `${index === 0 ? "" : ","}[${quoted.attemptTargets[index]},"${outcome}",${own === usage ? 0 : packUsage(own)},` +
      `${isEstimated ? 1 : 0},${quoted.attemptPrices[index]},${whole(startedAt)},${whole(durationMs)}]`;
  }
  const flags = (record.isResumed ? 1 : 0) + (record.isHedged ? 2 : 0) + (record.isCached ? 4 : 0);
  return (
    `[${quoted.id},${whole(record.time)},${quoted.app},${quoted.party},${quoted.target},[${packed}],` +
    `${packUsage(usage)},${estimateReason === undefined ? 0 : `"${estimateReason}"`},${cost.usd},${cost.cny},` +
    `${cost.isUnknown ? 1 : 0},${record.status},"${record.outcome}",${ttftMs === undefined ? -1 : whole(ttftMs)},` +
    `${whole(record.durationMs)},${flags},${quoted.requestId}]`
  );
}

/** The texts of a record, quoted. */
export function quoteRecord(record: LedgerRecord): QuotedRecord {
  const { id, requestId, app, key, tenant, route, model, backend, provider, providerModel, attempts } = record;
  return {
    id: JSON.stringify(id),
    requestId: JSON.stringify(requestId),
    app: JSON.stringify(app),
    party: quoteTexts([key, tenant, route, model]),
    target: quoteTexts([backend, provider, providerModel]),
    attemptTargets: attempts.map((attempt) => quoteTexts([attempt.backend, attempt.provider, attempt.model])),
    attemptPrices: attempts.map(({ priceId }) => (priceId === undefined ? "0" : JSON.stringify(priceId))),
  };
}

/** JSON strings joined by commas. */
export function quoteTexts(texts: readonly string[]): string {
  return texts.map((text) => JSON.stringify(text)).join(",");
}

/** The record of a line. */
export function unpackRecord(packed: PackedRecord): LedgerRecord {
  const [id, time, app, key, tenant, route, model, backend, provider, providerModel, attempts, ...rest] = packed;
  const [packedUsage, estimate, usd, cny, isUnknown, status, outcome, ttftMs, durationMs, flags, requestId = id] = rest;
  const usage = unpackUsage(packedUsage);
  const record = { id, requestId, time, app, key, tenant, route, model, backend, provider, providerModel };
  return {
    ...record,
    attempts: attempts.map((attempt) => unpackAttempt(attempt, usage)),
    usage,
    isEstimated: estimate !== 0,
    estimateReason: estimate === 0 ? undefined : estimate,
    cost: { usd, cny, isUnknown: isUnknown === 1 },
    status,
    outcome,
    ttftMs: ttftMs < 0 ? undefined : ttftMs,
    durationMs,
    isResumed: (flags & 1) !== 0,
    isHedged: (flags & 2) !== 0,
    isCached: (flags & 4) !== 0,
  };
}

function unpackAttempt(packed: PackedAttempt, call: TokenUsage): LedgerAttempt {
  const [backend, provider, model, outcome, usage, isEstimated, priceId, startedAt, durationMs] = packed;
  return {
    backend,
    provider,
    model,
    outcome,
    usage: usage === 0 ? call : unpackUsage(usage),
    isEstimated: isEstimated === 1,
    priceId: priceId === 0 ? undefined : priceId,
    startedAt,
    durationMs,
  };
}

function packUsage(usage: TokenUsage): string {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, audioInput, imageInput, output, reasoning, audioOutput } =
    usage;
  return (
    `[${input},${cacheRead},${cacheWrite5m},${cacheWrite1h},${audioInput},${imageInput},` +
    `${output},${reasoning},${audioOutput}]`
  );
}

function unpackUsage(packed: PackedUsage): TokenUsage {
  const [input, cacheRead, cacheWrite5m, cacheWrite1h, audioInput, imageInput, output, reasoning, audioOutput] = packed;
  return { input, cacheRead, cacheWrite5m, cacheWrite1h, audioInput, imageInput, output, reasoning, audioOutput };
}

function whole(value: number): number {
  return Math.round(value);
}
