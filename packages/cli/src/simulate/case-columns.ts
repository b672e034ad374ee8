// The columns of tables of cases, each with its head and what stands below it, so that terminal and page show the same figures in the same form.
import type { PlainMessageKey, Translate } from "../messages/translate.ts";
import type { CaseResult } from "./case-result.ts";
import { durationText, figureText, shareText } from "../render/number-text.ts";

interface CaseColumn {
  readonly head: (translate: Translate) => string;
  /** Where the column before it says the rest. */
  readonly short?: string;
  readonly cell: (each: CaseResult) => string;
}

const spoken = (key: PlainMessageKey, cell: CaseColumn["cell"]): CaseColumn => ({
  head: (translate) => translate(key),
  cell,
});
const time = (head: string, read: (each: CaseResult) => number, short?: string): CaseColumn => ({
  head: () => head,
  ...(short === undefined ? {} : { short }),
  cell: (each) => durationText(read(each)),
});

const COLUMNS = {
  policy: spoken("simulate.policy-column", ({ policy }) => policy),
  pool: spoken("simulate.pool-column", ({ pool }) => pool),
  rate: spoken("simulate.rate-column", ({ requestsPerSecond }) => figureText(requestsPerSecond)),
  ttftP50: time("TTFT P50", ({ ttft }) => ttft.p50),
  ttftP95: time("TTFT P95", ({ ttft }) => ttft.p95, "P95"),
  ttftP99: time("TTFT P99", ({ ttft }) => ttft.p99, "P99"),
  itlP50: time("ITL P50", ({ itl }) => itl.p50),
  itlP99: time("ITL P99", ({ itl }) => itl.p99, "P99"),
  latency: spoken("report.latency", ({ latency }) => durationText(latency.mean)),
  good: spoken("simulate.good-column", ({ goodShare }) => shareText(goodShare)),
  goodput: spoken("simulate.goodput-column", ({ goodput }) => figureText(goodput)),
  refused: spoken("simulate.refused-column", ({ notServed }) => String(notServed)),
  preempted: spoken("simulate.preempted-column", ({ enginePreemptions }) => String(enginePreemptions)),
  cache: spoken("simulate.cache-column", ({ cacheHit }) => shareText(cacheHit)),
  fairness: spoken("simulate.fairness-column", ({ fairness }) => figureText(fairness)),
  hours: spoken("simulate.hours-column", ({ replicaHours }) => figureText(replicaHours)),
} satisfies Readonly<Record<string, CaseColumn>>;

/** Names of the columns. */
export type CaseColumnName = keyof typeof COLUMNS;

/** Heads and rows of a table. `isNarrow`: heads are short where the column before says the rest. */
export function caseTable(
  names: readonly CaseColumnName[],
  cases: readonly CaseResult[],
  { translate, isNarrow }: { readonly translate: Translate; readonly isNarrow: boolean },
): { readonly head: readonly string[]; readonly rows: readonly (readonly string[])[] } {
  const columns: readonly CaseColumn[] = names.map((name) => COLUMNS[name]);
  return {
    head: columns.map(({ head, short }) => (isNarrow && short !== undefined ? short : head(translate))),
    rows: cases.map((each) => columns.map(({ cell }) => cell(each))),
  };
}
