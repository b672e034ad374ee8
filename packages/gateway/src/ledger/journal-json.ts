// The JSON of reserve and settle lines, put together by hand of texts that were quoted before: it is made twice for every call.
import { JOURNAL_VERSION, packRecord, type LedgerCost, type LedgerRecord, type QuotedRecord } from "@flyball/core";

/** A share of a limit; `periodStart` for budgets. */
export function shareJson(quotedId: string, amount: number, periodStart: number | undefined): string {
  return periodStart === undefined ? `[${quotedId},${amount}]` : `[${quotedId},${amount},${periodStart}]`;
}

/** A reserve line's JSON. */
export function reserveJson(line: {
  readonly id: string;
  readonly requestJson: string;
  readonly at: number;
  /** The quoted texts of the subjects, joined by commas. */
  readonly subjects: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: LedgerCost;
  /** Joined by commas. */
  readonly shares: string;
}): string {
  const { id, requestJson, at, subjects, inputTokens, outputTokens, cost, shares } = line;
  return (
    `{"v":${JOURNAL_VERSION},"type":"reserve","request":"${id}","requestId":${requestJson},"at":${at},"subjects":[${subjects}],` +
    `"inputTokens":${inputTokens},"outputTokens":${outputTokens},` +
    `"cost":{"usd":${cost.usd},"cny":${cost.cny},"isUnknown":${cost.isUnknown}},"limits":[${shares}]}`
  );
}

/** A settle line's JSON. */
export function settleJson(line: {
  readonly at: number;
  readonly reservedAt: number;
  readonly shares: string;
  readonly record: LedgerRecord;
  readonly quoted: QuotedRecord;
}): string {
  const { at, reservedAt, shares, record, quoted } = line;
  return (
    `{"v":${JOURNAL_VERSION},"type":"settle","at":${at},"reservedAt":${reservedAt},"limits":[${shares}],` +
    `"record":${packRecord(record, quoted)}}`
  );
}
