// What scheduling costs: the fast path of a request that need not wait, and the decisions in a full pool with thousands that do. Prints tables;
// nothing is asserted.
//   node tools/launch.mjs run node bench/scheduling/decision.ts
import { seededRandom } from "@flyball/fakes";
import type { BalanceAlgorithm } from "@flyball/core";
import { readCommandLine } from "../support/command-line.ts";
import { describeMachine, printTable } from "../support/report.ts";
import type { BusyPoolOptions } from "./decision/busy-pool.ts";
import { measureDecisions } from "./decision/measure-decisions.ts";
import { measureFastPath, type FastPathOptions } from "./decision/measure-fast-path.ts";

const USAGE = {
  file: "bench/scheduling/decision.ts",
  purpose: "What scheduling costs: the fast path of a request that need not wait, and decisions in a full pool.",
};
readCommandLine(USAGE, process.argv.slice(2), () => undefined);

const show = (microseconds: number): string => microseconds.toFixed(microseconds < 10 ? 2 : 0);

console.log("## Fast path: choose, reserve, first token, give back (µs of CPU)\n");
const paths: readonly (readonly [BalanceAlgorithm, number, number, number, FastPathOptions["index"]])[] = [
  ["least-load", 4, 1, 0, "gateway"],
  ["least-load", 100, 1, 0, "gateway"],
  ["two-choices", 100, 5, 0, "gateway"],
  ["least-load", 4, 1, 32, "gateway"],
  ["least-load", 100, 1, 32, "gateway"],
  ["least-load", 4, 1, 32, "simulation"],
  ["least-load", 100, 1, 32, "simulation"],
];
printTable(
  ["balancer", "endpoints", "workers", "blocks of a prompt", "index of prompts", "µs"],
  paths.map(([balancer, endpoints, rows, blocks, index]) => {
    const microseconds = measureFastPath({ balancer, endpoints, rows, blocks, index, random: seededRandom(1) });
    return [balancer, String(endpoints), String(rows), String(blocks), blocks > 0 ? index : "", show(microseconds)];
  }),
);

console.log(
  "\n## Decisions in a full pool (µs; an event is an arrival, a first token, progress or an end with all its decisions)\n",
);
const usual = { endpoints: 100, queued: 10_000, tenants: 20, classes: 3, kvTokens: 60_000, blocks: 0, deadlines: 0.1 };
const pools: Readonly<Record<string, Omit<BusyPoolOptions, "random">>> = {
  usual,
  "one tenant, one class": { ...usual, tenants: 1, classes: 1 },
  "5,000 tenants": { ...usual, tenants: 5_000 },
  "memory short": { ...usual, kvTokens: 8_000 },
  "prompts of 32 blocks": { ...usual, blocks: 32 },
  "four endpoints": { ...usual, endpoints: 4 },
  "1,000 queued": { ...usual, queued: 1_000 },
};
const rows: (readonly string[])[] = [];
for (const [name, options] of Object.entries(pools)) {
  const times = measureDecisions({ ...options, random: seededRandom(7) });
  const { decisionP50, decisionP99, cpuMean, eventP50, eventP99, waiting, running } = times;
  rows.push([name, `${waiting} / ${running}`, ...[decisionP50, decisionP99, cpuMean, eventP50, eventP99].map(show)]);
}
printTable(
  ["pool", "waiting / running", "decision p50", "p99", "CPU, all of the bench", "event p50", "event p99"],
  rows,
);
console.log(`\n${describeMachine()}`);
