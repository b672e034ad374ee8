// How a record stands in a journal line: a row of values without names, a third of the bytes and of the time of an object. A later version
// adds at the end. The usage of a single attempt that is the whole call's is written once.
import type { LedgerAttempt, LedgerOutcome, LedgerRecord } from "./ledger-record.ts";
import type { AttemptOutcome } from "./signal.ts";
import type { TokenUsage } from "./token-usage.ts";

/** Makes a JSON string of a text. Writers keep those of texts that come again and again. */
export type QuoteJson = (text: string) => string;

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
  requestId: string,
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
];

/** The JSON of a record. Times and durations are rounded to whole milliseconds. */
export function packRecord(record: LedgerRecord, quote: QuoteJson): string {
  const { attempts, usage, cost } = record;
  let packed = "";
  for (const attempt of attempts) packed += (packed === "" ? "" : ",") + packAttempt(attempt, usage, quote);
  const flags = (record.isResumed ? 1 : 0) + (record.isHedged ? 2 : 0) + (record.isCached ? 4 : 0);
  return (
    `[${JSON.stringify(record.requestId)},${whole(record.time)},${quote(record.app)},${quote(record.key)},` +
    `${quote(record.tenant)},${quote(record.route)},${quote(record.model)},${quote(record.backend)},` +
    `${quote(record.provider)},${quote(record.providerModel)},[${packed}],${packUsage(usage)},` +
    `${record.estimateReason === undefined ? 0 : `"${record.estimateReason}"`},${cost.usd},${cost.cny},` +
    `${cost.isUnknown ? 1 : 0},${record.status},"${record.outcome}",` +
    `${record.ttftMs === undefined ? -1 : whole(record.ttftMs)},${whole(record.durationMs)},${flags}]`
  );
}

/** The record of a line. */
export function unpackRecord(packed: PackedRecord): LedgerRecord {
  const [requestId, time, app, key, tenant, route, model, backend, provider, providerModel, attempts, ...rest] = packed;
  const [packedUsage, estimate, usd, cny, isUnknown, status, outcome, ttftMs, durationMs, flags] = rest;
  const usage = unpackUsage(packedUsage);
  const record = { requestId, time, app, key, tenant, route, model, backend, provider, providerModel };
  return {
    ...record,
    attempts: attempts.map((attempt) => unpackAttempt(attempt, usage)),
    usage,
    isEstimated: estimate !== 0,
    ...(estimate === 0 ? {} : { estimateReason: estimate }),
    cost: { usd, cny, isUnknown: isUnknown === 1 },
    status,
    outcome,
    ...(ttftMs < 0 ? {} : { ttftMs }),
    durationMs,
    isResumed: (flags & 1) !== 0,
    isHedged: (flags & 2) !== 0,
    isCached: (flags & 4) !== 0,
  };
}

function packAttempt(attempt: LedgerAttempt, call: TokenUsage, quote: QuoteJson): string {
  const { backend, provider, model, outcome, usage, isEstimated, priceId, startedAt, durationMs } = attempt;
  return (
    `[${quote(backend)},${quote(provider)},${quote(model)},"${outcome}",${usage === call ? 0 : packUsage(usage)},` +
    `${isEstimated ? 1 : 0},${priceId === undefined ? 0 : quote(priceId)},${whole(startedAt)},${whole(durationMs)}]`
  );
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
    ...(priceId === 0 ? {} : { priceId }),
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
