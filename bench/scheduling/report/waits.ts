// The promise to those who wait: a tenant within its fair share waits in the mean no longer than twice what it would wait if all were served in order
// of arrival, on the same arrivals and the same pool. Beside it the worst single wait, for which nothing is promised.
import { createSeededRandom, pairedRatio } from "@flyball/sim";
import { printTable } from "../../support/report.ts";
import { OURS } from "../choose-policies.ts";
import type { BenchOptions } from "../options.ts";
import type { ResultLine } from "../results-file.ts";
import type { Bar } from "./bar.ts";
import { arithmeticMean, judgedPoints, policiesAt, runsOf, type Figure } from "./figures.ts";

/** The tenants of W6 who ask for no more than their share. */
export const VICTIMS = ["chat", "reason"] as const;

/** Whom the promise is given to; "" is the one tenant of a workload that declares none. */
export const PROMISED: readonly { readonly workload: string; readonly tenant: string }[] = [
  ...["W1", "W3", "W8", "W10"].map((workload) => ({ workload, tenant: "" })),
  ...VICTIMS.map((tenant) => ({ workload: "W6", tenant })),
];

/** All in one queue, first come, first served, with our placement and our view of the memory. */
const BY_ARRIVAL = `${OURS}, by arrival`;
const PROMISE = 2;
/** Waits shorter than this are those of a clock, not of a queue, ms. */
const LEAST_WAIT_MS = 1;

const meanWait =
  (tenant: string): Figure =>
  (it) =>
    Math.max(LEAST_WAIT_MS, it.tenants[tenant]?.meanWaitMs ?? Number.NaN);

const worstWait =
  (tenant: string): Figure =>
  (it) =>
    tenant === "" ? it.wait.max : (it.tenants[tenant]?.maxWaitMs ?? Number.NaN);

/** The promise as a bar. */
export function starvation(workload: string, tenant: string): Bar {
  return {
    workload,
    name: `mean wait of ${tenant === "" ? "all" : tenant}`,
    figure: meanWait(tenant),
    comparison: "share",
    rival: { kind: "policy", name: BY_ARRIVAL },
    needed: PROMISE,
  };
}

/** Prints, for each load, what they waited. */
export function printWaits(lines: readonly ResultLine[], options: BenchOptions): void {
  const rows = PROMISED.flatMap(({ workload, tenant }) => {
    const runs = runsOf(lines, workload, options.durationMs);
    return judgedPoints(runs).flatMap((point) => {
      if (!policiesAt(runs, [point]).includes(BY_ARRIVAL)) return [];
      const of = (policy: string, figure: Figure): readonly number[] => runs.values(policy, [point], figure);
      const { estimate, low, high } = pairedRatio(
        of(OURS, meanWait(tenant)),
        of(BY_ARRIVAL, meanWait(tenant)),
        createSeededRandom(1),
      );
      return [
        [
          `${workload} ${tenant}`.trim(),
          `${point}×`,
          seconds(arithmeticMean(of(OURS, meanWait(tenant)))),
          seconds(arithmeticMean(of(BY_ARRIVAL, meanWait(tenant)))),
          `${estimate.toFixed(2)}× (${low.toFixed(2)} to ${high.toFixed(2)})`,
          seconds(Math.max(...of(OURS, worstWait(tenant)))),
          seconds(Math.max(...of(BY_ARRIVAL, worstWait(tenant)))),
        ],
      ];
    });
  });
  if (rows.length === 0) return;
  console.log(`\n## Waits of tenants within their share (promised: a mean of at most ${PROMISE}×)\n`);
  printTable(
    ["workload", "load", "mean s", "by arrival s", "ratio (95 % interval)", "worst single wait s", "by arrival s"],
    rows,
  );
}

function seconds(ms: number): string {
  return Number.isNaN(ms) ? "" : (ms / 1_000).toFixed(ms < 1_000 ? 3 : 1);
}
