// The report of a replay for the terminal.
import type { Translate } from "../messages/translate.ts";
import type { Style } from "../output/style.ts";
import { renderTable } from "../output/table.ts";
import { formatDuration } from "../render/duration.ts";
import type { CaseResult } from "./case-result.ts";
import { durationText, figureText, shareText } from "./number-text.ts";
import type { SimulationReport, TraceFacts } from "./simulation-report.ts";

/** Trace, objective, a row for each case, and which did best at each rate. */
export function simulationText(
  { trace, objective, seed, cases }: SimulationReport,
  translate: Translate,
  style: Style,
): string {
  const shown = cases.filter(({ isSweep }) => !isSweep);
  const head = [
    translate("simulate.policy-column"),
    translate("simulate.pool-column"),
    translate("simulate.rate-column"),
    "TTFT P50",
    "P95",
    "P99",
    "ITL P50",
    "P99",
    translate("simulate.good-column"),
    translate("simulate.goodput-column"),
    translate("simulate.refused-column"),
    translate("simulate.preempted-column"),
    translate("simulate.cache-column"),
    translate("simulate.fairness-column"),
    translate("simulate.hours-column"),
  ];
  return [
    traceText(trace, translate),
    objectiveText(objective, translate, seed),
    "",
    renderTable(
      head,
      shown.map((each) => rowOf(each, style)),
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

function rowOf(each: CaseResult, style: Style): readonly string[] {
  return [
    style.bold(each.policy),
    each.pool,
    figureText(each.requestsPerSecond),
    durationText(each.ttft.p50),
    durationText(each.ttft.p95),
    durationText(each.ttft.p99),
    durationText(each.itl.p50),
    durationText(each.itl.p99),
    shareText(each.goodShare),
    figureText(each.goodput),
    String(each.notServed),
    String(each.enginePreemptions),
    shareText(each.cacheHit),
    figureText(each.fairness),
    figureText(each.replicaHours),
  ];
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
