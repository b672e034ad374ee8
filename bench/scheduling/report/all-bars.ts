// The bars of the scheduling issue, as far as they are figures of this bench.
import { KNEE_POLICY } from "../find-knees.ts";
import type { Bar, CapacityBar, Rival } from "./bar.ts";
import type { Figure } from "./figures.ts";
import { PROMISED, starvation, VICTIMS } from "./waits.ts";

const LEAST_REQUEST: Rival = { kind: "policy", name: KNEE_POLICY };
const HELD_FCFS: Rival = { kind: "policy", name: `${KNEE_POLICY} + queue` };
const BEST: Rival = { kind: "best shipped" };

const meanTtft: Figure = (it) => it.ttft.mean;
const p99Ttft: Figure = (it) => it.ttft.p99;
const goodput: Figure = (it) => it.goodput.own * 100;
const preemptions: Figure = (it) => it.enginePreemptions;
const victimsP99: Figure = (it) => Math.max(...VICTIMS.map((name) => it.tenants[name]?.p99TtftMs ?? Number.NaN));
/** Loads at which nothing may be worse. */
const LOW = [0.6, 0.8];

const noRegret = (workload: string): readonly Bar[] =>
  (
    [
      ["mean TTFT", meanTtft],
      ["p99 TTFT", p99Ttft],
      ["mean E2E", (it) => it.e2e.mean],
      ["p99 TPOT", (it) => it.tpot.p99],
    ] as const satisfies readonly (readonly [string, Figure])[]
  ).map(([name, figure]) => ({
    workload,
    name: `${name} at ≤ 0.8`,
    figure,
    comparison: "share",
    rival: LEAST_REQUEST,
    needed: 1.02,
    points: LOW,
  }));

/** Bars on SLO capacity; requests are alike, so their ratio is that of input throughput. */
export const CAPACITY_BARS: readonly CapacityBar[] = [
  { workload: "W5", name: "input throughput within the objective", rival: "round-robin", needed: 2 },
];

/** In the order of the issue. */
export const ALL_BARS: readonly Bar[] = [
  { workload: "W3", name: "mean TTFT", figure: meanTtft, comparison: "lower", rival: BEST, needed: 1.25 },
  { workload: "W3", name: "mean TTFT", figure: meanTtft, comparison: "lower", rival: LEAST_REQUEST, needed: 5 },
  { workload: "W3", name: "p99 TTFT", figure: p99Ttft, comparison: "lower", rival: BEST, needed: 1.1 },
  { workload: "W3", name: "p99 TTFT", figure: p99Ttft, comparison: "lower", rival: LEAST_REQUEST, needed: 1.5 },
  { workload: "W3", name: "goodput", figure: goodput, comparison: "points", rival: BEST, needed: 3 },
  { workload: "W3", name: "goodput", figure: goodput, comparison: "points", rival: LEAST_REQUEST, needed: 15 },
  { workload: "W3", name: "preemptions", figure: preemptions, comparison: "share", rival: LEAST_REQUEST, needed: 0.2 },
  {
    workload: "W1",
    name: "mean TTFT",
    figure: meanTtft,
    comparison: "share",
    rival: { kind: "policy", name: "shortest prompt first + queue" },
    needed: 1.25,
  },
  {
    workload: "W1",
    name: "mean TTFT",
    figure: meanTtft,
    comparison: "share",
    rival: { kind: "policy", name: "wspt queue (Dynamo)" },
    needed: 1.25,
  },
  { workload: "W1", name: "mean TTFT", figure: meanTtft, comparison: "lower", rival: LEAST_REQUEST, needed: 2 },
  { workload: "W1", name: "mean TTFT", figure: meanTtft, comparison: "lower", rival: HELD_FCFS, needed: 2 },
  { workload: "W7", name: "p99 TTFT", figure: p99Ttft, comparison: "lower", rival: LEAST_REQUEST, needed: 1.4 },
  { workload: "W8", name: "mean TTFT", figure: meanTtft, comparison: "lower", rival: LEAST_REQUEST, needed: 1.5 },
  { workload: "W8", name: "mean TTFT", figure: meanTtft, comparison: "lower", rival: HELD_FCFS, needed: 1.5 },
  {
    workload: "W6",
    name: "Jain over tenants",
    figure: (it) => it.jainTenants,
    comparison: "higher",
    rival: LEAST_REQUEST,
    needed: 1,
  },
  // The stricter reading of "first come, first served": our own queue in that order, which serves an abuser more and so its victims less.
  {
    workload: "W6",
    name: "Jain over tenants",
    figure: (it) => it.jainTenants,
    comparison: "higher",
    rival: { kind: "policy", name: "flyball, by arrival" },
    needed: 1,
  },
  {
    workload: "W6",
    name: "victims' p99 TTFT against isolated",
    figure: victimsP99,
    comparison: "share",
    rival: { kind: "policy", name: "flyball" },
    rivalWorkload: "W6-isolated",
    needed: 1.2,
  },
  // The bar reads the victims' worst tail; each one's own stands beside it.
  ...VICTIMS.map((tenant): Bar => ({
    workload: "W6",
    name: `p99 TTFT of ${tenant} against isolated`,
    figure: (it) => it.tenants[tenant]?.p99TtftMs ?? Number.NaN,
    comparison: "share",
    rival: { kind: "policy", name: "flyball" },
    rivalWorkload: "W6-isolated",
    needed: 1.2,
  })),
  {
    workload: "W5",
    name: "p90 TTFT",
    figure: (it) => it.ttft.p90,
    comparison: "share",
    rival: { kind: "policy", name: "token-aware (llm-d)" },
    needed: 1.05,
  },
  ...PROMISED.map(({ workload, tenant }) => starvation(workload, tenant)),
  ...["W3", "W1", "W5", "W7", "W8"].flatMap(noRegret),
];
