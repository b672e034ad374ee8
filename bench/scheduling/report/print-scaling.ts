// Scalers against each other: what share of the requests kept the objective, and what was paid for it. Each aims at several loads, so that they can
// be compared where they serve equally well.
import { printTable } from "../../support/report.ts";
import type { WorkloadDefinition } from "../workloads/definition.ts";
import { arithmeticMean, type WorkloadRuns } from "./figures.ts";

interface Offer {
  readonly scaler: string;
  readonly attainment: number;
  readonly hours: number;
}

/** Tables of one workload whose pool is scaled. */
export function printScaling(definition: WorkloadDefinition, runs: WorkloadRuns): void {
  console.log(`\n## ${definition.id}: ${definition.title}\n`);
  const mean = (name: string, figure: Parameters<WorkloadRuns["values"]>[2]): number =>
    arithmeticMean(runs.values(name, runs.points, figure));
  printTable(
    ["scaler @ load aimed at", "in time %", "replica-hours", "changes", "TTFT mean / p99 s", "lost %"],
    runs.policies.map((name) => [
      name,
      mean(name, (it) => it.goodput.own * 100).toFixed(2),
      mean(name, (it) => it.replicaHours).toFixed(2),
      mean(name, (it) => it.scaleActions).toFixed(0),
      `${mean(name, (it) => it.ttft.mean / 1_000).toFixed(2)} / ${mean(name, (it) => it.ttft.p99 / 1_000).toFixed(1)}`,
      mean(name, (it) => ((it.refused + it.cut + it.failed) / it.requests) * 100).toFixed(2),
    ]),
  );
  const offers = runs.policies.map((name): Offer => ({
    scaler: name.split(" @ ")[0] as string,
    attainment: mean(name, (it) => it.goodput.own),
    hours: mean(name, (it) => it.replicaHours),
  }));
  console.log("\nReplica-hours of ours for the same share in time (needed: ≤ 0.85×)\n");
  const rows = offers
    .filter(({ scaler }) => scaler !== "flyball")
    .map((offer) => {
      const own = hoursFor(
        offers.filter(({ scaler }) => scaler === "flyball"),
        offer.attainment,
      );
      return [
        offer.scaler,
        `${(offer.attainment * 100).toFixed(2)} %`,
        offer.hours.toFixed(2),
        own === undefined ? "not reached" : own.toFixed(2),
        own === undefined ? "" : `${(own / offer.hours).toFixed(2)}×`,
      ];
    });
  printTable(["against", "in time", "its hours", "our hours", "ratio"], rows);
}

/** Fewest hours for which the offers reach it, on the line between neighbours; undefined: none does. */
function hoursFor(offers: readonly Offer[], attainment: number): number | undefined {
  const sorted = offers.toSorted((a, b) => a.attainment - b.attainment);
  const above = sorted.findIndex((offer) => offer.attainment >= attainment);
  if (above < 0) return undefined;
  const high = sorted[above] as Offer;
  const low = sorted[above - 1];
  if (low === undefined || high.attainment === low.attainment) return high.hours;
  const share = (attainment - low.attainment) / (high.attainment - low.attainment);
  return low.hours + share * (high.hours - low.hours);
}
