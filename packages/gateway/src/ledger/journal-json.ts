// The JSON of reserve and settle lines. The ids of limits are made JSON once and kept; the rest is left to JSON.stringify.
import { JOURNAL_VERSION, type CallSubjects, type LedgerCost, type LedgerRecord } from "@flyball/core";

/** One limit's amount in a line; `periodStart` for budgets. */
export interface ShareJson {
  /** `"["key:k_1 usd/day",120,1700000000000]"` */
  share(limitId: string, amount: number, periodStart: number | undefined): string;
}

/** Ids kept; past this all are forgotten and made again. */
const MAX_IDS = 20_000;

/** Makes shares. One per worker. */
export function createShareJson(): ShareJson {
  const ids = new Map<string, string>();
  return {
    share(limitId, amount, periodStart) {
      let id = ids.get(limitId);
      if (id === undefined) {
        if (ids.size >= MAX_IDS) ids.clear();
        id = `[${JSON.stringify(limitId)},`;
        ids.set(limitId, id);
      }
      return periodStart === undefined ? `${id}${amount}]` : `${id}${amount},${periodStart}]`;
    },
  };
}

/** A reserve line's JSON; `shares` are joined by commas. */
export function reserveJson(line: {
  readonly request: string;
  readonly at: number;
  readonly subjects: CallSubjects;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: LedgerCost;
  readonly shares: string;
}): string {
  const { request, at, subjects, inputTokens, outputTokens, cost, shares } = line;
  const { usd, cny, isUnknown } = cost;
  return (
    `{"v":${JOURNAL_VERSION},"type":"reserve","request":${JSON.stringify(request)},"at":${at},` +
    `"subjects":${JSON.stringify(subjects)},"inputTokens":${inputTokens},"outputTokens":${outputTokens},` +
    `"cost":{"usd":${usd},"cny":${cny},"isUnknown":${isUnknown}},"limits":[${shares}]}`
  );
}

/** A settle line's JSON. */
export function settleJson(line: {
  readonly at: number;
  readonly reservedAt: number;
  readonly shares: string;
  readonly record: LedgerRecord;
}): string {
  const { at, reservedAt, shares, record } = line;
  return (
    `{"v":${JOURNAL_VERSION},"type":"settle","at":${at},"reservedAt":${reservedAt},"limits":[${shares}],` +
    `"record":${JSON.stringify(record)}}`
  );
}
