// The report of a replay for the terminal.
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { formatDuration } from "../render/duration.ts";
import { caseTable, type CaseColumnName } from "./case-columns.ts";
import type { CaseResult } from "./case-result.ts";
import { durationText, figureText, shareText } from "../render/number-text.ts";
import type { SimulationReport, TraceFacts } from "./simulation-report.ts";

const COLUMNS: readonly CaseColumnName[] = [
  "policy",
  "pool",
  "rate",
  "ttftP50",
  "ttftP95",
  "ttftP99",
  "itlP50",
  "itlP99",
  "good",
  "goodput",
  "refused",
  "preempted",
  "cache",
  "fairness",
  "hours",
];

/** Trace, objective, a row for each case, and which did best at each rate. */
export function simulationText(
  { trace, objective, seed, cases }: SimulationReport,
  translate: Translate,
  style: Style,
): string {
  const shown = cases.filter(({ isSweep }) => !isSweep);
  const { head, rows } = caseTable(COLUMNS, shown, { translate, isNarrow: true });
  return [
    traceText(trace, translate),
    objectiveText(objective, translate, seed),
    "",
    renderTable(
      head,
      rows.map(([policy = "", ...figures]) => [style.bold(policy), ...figures]),
      style,
    ),
    "",
    ...bestOf(shown, translate),
  ].join("\n");
}

/** One line about the trace. */
export function traceText(trace: TraceFacts, translate: Translate): string {
  return translate("simulate.trace", {
    name: trace.name,
    requests: trace.requests,
    span: formatDuration(trace.spanMs),
    rate: figureText(trace.requestsPerSecond),
    input: Math.round(trace.inputTokens),
    output: Math.round(trace.outputTokens),
    clients: trace.clients === 0 ? "-" : trace.clients,
  });
}

/** One line about the objective. */
export function objectiveText(objective: SimulationReport["objective"], translate: Translate, seed: number): string {
  return translate("simulate.objective-line", {
    ttft: durationText(objective.ttftMs),
    itl: durationText(objective.tpotMs),
    seed,
  });
}

/** Shares that differ by less look the same in the table. */
const ALIKE = 0.0005;

/** For each rate at which more than one case was run. */
function bestOf(cases: readonly CaseResult[], translate: Translate): readonly string[] {
  const factors = [...new Set(cases.map(({ loadFactor }) => loadFactor))];
  return factors.flatMap((factor) => {
    const rivals = cases.filter(({ loadFactor }) => loadFactor === factor);
    const [best, second] = rivals.toSorted((a, b) => b.goodShare - a.goodShare || a.latency.mean - b.latency.mean);
    if (best === undefined || second === undefined || !Number.isFinite(best.requestsPerSecond)) return [];
    const worst = Math.min(...rivals.map(({ goodShare }) => goodShare));
    if (best.goodShare - worst < ALIKE) {
      const values = { rate: figureText(best.requestsPerSecond), share: shareText(best.goodShare) };
      return [translate("simulate.alike", values)];
    }
    return [
      translate("simulate.best", {
        rate: figureText(best.requestsPerSecond),
        policy: best.policy,
        pool: best.pool,
        share: shareText(best.goodShare),
        second: second.policy,
        secondPool: second.pool,
        secondShare: shareText(second.goodShare),
      }),
    ];
  });
}
