// How many requests an endpoint that begins to fail gets until it is ejected, and how often a healthy one is: the very code of traffic/breaker on
// generated results, beside the rules of Envoy and Linkerd, simulated. Prints tables; nothing is asserted.
//   node tools/launch.mjs run node bench/faults/error-burst.ts [requests] [options]
import { readCommandLine, type BenchUsage } from "../support/command-line.ts";
import { describeMachine, percentile, printTable } from "../support/report.ts";
import { bestPossible } from "./error-burst/best-possible.ts";
import { envoyEjector } from "./error-burst/envoy-ejector.ts";
import { FAILURE_FORMS } from "./error-burst/failure-form.ts";
import { flyballEjector } from "./error-burst/flyball-ejector.ts";
import { linkerdEjector } from "./error-burst/linkerd-ejector.ts";
import { falseEjections, requestsToEjection, upperBound } from "./error-burst/simulate.ts";

const USAGE: BenchUsage = {
  file: "bench/faults/error-burst.ts",
  purpose: "Requests to the ejection of an endpoint that begins to fail, and false ejections of healthy ones.",
  words: [{ name: "requests", says: "million requests for each cell of false ejections; 20" }],
  options: { rounds: { value: "N", says: "faults for each cell of requests to ejection; 1000" } },
};
const { millions, rounds } = readCommandLine(USAGE, process.argv.slice(2), (line) => ({
  millions: line.number("requests", 1) ?? 20,
  rounds: line.number("rounds", 1) ?? 1_000,
}));

const EJECTORS = [flyballEjector, envoyEjector, linkerdEjector];
const POOLS = [1, 2, 6];
const BURSTS = [0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1];
const FAULT_BASES = [0, 0.01, 0.02, 0.05];
const LEAST_BASES = [0.005, 0.01, 0.02, 0.05];
const BETWEEN_ERRORS = 1_000_000;
const HEALTHY_RATES = [0, 0.005, 0.01, 0.02, 0.05];

const share = (rate: number): string => `${Number((rate * 100).toFixed(1))} %`;

function detectionCell(
  ejector: (typeof EJECTORS)[number],
  scene: { endpoints: number; base: number; burst: number },
): string {
  const counts = Array.from({ length: rounds }, (_, seed) => requestsToEjection(ejector, { ...scene, seed: seed + 1 }));
  const found = counts.filter((count) => Number.isFinite(count));
  if (found.length < rounds / 2) return "never";
  const mean = found.reduce((sum, count) => sum + count, 0) / found.length;
  const p95 = percentile(counts, 0.95);
  const missed = found.length < rounds ? ` (${rounds - found.length} never)` : "";
  return `${mean.toFixed(mean < 100 ? 1 : 0)} / ${Number.isFinite(p95) ? p95 : "–"}${missed}`;
}

function healthyCell(
  ejector: (typeof EJECTORS)[number],
  scene: Omit<Parameters<typeof falseEjections>[1], "requests" | "seed">,
): string {
  // Others eject so often that a tenth of the requests tells.
  const requests = (ejector === flyballEjector ? millions : Math.max(1, millions / 10)) * 1_000_000;
  const events = falseEjections(ejector, { ...scene, requests, seed: 7 });
  const each = (count: number): string => (count / (requests / 1_000_000)).toFixed(2);
  return ejector === flyballEjector ? `${each(events)} (≤ ${each(upperBound(events))})` : each(events);
}

console.log(
  "The least that any rule needs that looks at one endpoint, knows both shares beforehand and ejects a healthy one once in a million requests: mean / p95, exact.\n",
);
printTable(
  ["base", ...BURSTS.map((burst) => `${share(burst)} errors`)],
  LEAST_BASES.map((base) => [
    share(base),
    ...BURSTS.map((burst) => {
      if (burst <= base) return "";
      const { mean, p95 } = bestPossible(base, Math.min(burst, 1 - 1e-9), BETWEEN_ERRORS);
      return `${mean.toFixed(mean < 100 ? 1 : 0)} / ${p95}`;
    }),
  ]),
);
console.log(
  `\nRequests to ejection, simulated: mean / p95 of ${rounds} faults; "base" is the share that failed before.\n`,
);
printTable(
  ["rule", "pool", "base", ...BURSTS.map((burst) => `${share(burst)} errors`)],
  EJECTORS.flatMap((ejector) =>
    (ejector === flyballEjector ? POOLS : [6]).flatMap((endpoints) =>
      (ejector === flyballEjector ? FAULT_BASES : [0, 0.01]).map((base) => [
        ejector.name,
        String(endpoints),
        share(base),
        ...BURSTS.map((burst) => (burst <= base ? "" : detectionCell(ejector, { endpoints, base, burst }))),
      ]),
    ),
  ),
);
console.log(`\nFalse ejections per million healthy requests, simulated (in brackets the upper 95 % bound).\n`);
printTable(
  ["rule", "failures come", "pool", ...HEALTHY_RATES.map(share)],
  EJECTORS.flatMap((ejector) =>
    FAILURE_FORMS.flatMap((form) =>
      (ejector === flyballEjector ? POOLS : [6])
        .filter((endpoints) => endpoints > 1 || !form.needsPeers)
        .map((endpoints) => [
          ejector.name,
          form.name,
          String(endpoints),
          ...HEALTHY_RATES.map((rate) => healthyCell(ejector, { endpoints, rate, form })),
        ]),
    ),
  ),
);
console.log(`\n${describeMachine()}`);
