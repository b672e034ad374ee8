// How often the detectors find a fault where there is none: many days of healthy services in fake time, with pauses, long thinking, long prompts, deploys,
// bursts of 429, clumps of failures and a daily rhythm, through the detectors as gateway and control run them. Prints a table; nothing is asserted.
//   node tools/launch.mjs run node bench/faults/healthy-days.ts [days] [options]
import { seededRandom } from "@flyball/fakes";
import { HEALTHY_KINDS, type HealthyKind } from "../../packages/traffic/src/detect/testing/healthy-kind.ts";
import { createHealthyPool } from "../../packages/traffic/src/detect/testing/healthy-pool.ts";
import { createPoolWatch, type Began } from "../../packages/traffic/src/detect/testing/watch-pool.ts";
import { readCommandLine, type BenchUsage } from "../support/command-line.ts";
import { describeMachine, printTable } from "../support/report.ts";
import { upperBound } from "./error-burst/simulate.ts";

const USAGE: BenchUsage = {
  file: "bench/faults/healthy-days.ts",
  purpose: "False findings of all detectors on healthy services in fake time.",
  words: [{ name: "days", says: "days of each of the services, which have eight instances together; 130" }],
  options: { seed: { value: "N", says: "of the random numbers; 1" } },
};
const { days, seed } = readCommandLine(USAGE, process.argv.slice(2), (line) => ({
  days: line.number("days", 1) ?? 130,
  seed: line.number("seed", 0) ?? 1,
}));

const DAY_MS = 86_400_000;
const HUNDRED = 100;

interface Played {
  readonly kind: HealthyKind;
  readonly requests: number;
  readonly counts: ReadonlyMap<Began, number>;
}

function play(kind: HealthyKind, kindSeed: number): Played {
  const random = seededRandom(kindSeed);
  const pool = createHealthyPool(kind, random);
  const watched = createPoolWatch(random);
  const counts = new Map<Began, number>();
  let requests = 0;
  for (let at = 0; at < days * DAY_MS;) {
    const step = pool.step();
    at = step.at;
    for (const { outcomes } of step.requests) requests += (outcomes.succeeded ?? 0) + (outcomes["server-error"] ?? 0);
    for (const [what] of watched.watch(step)) counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return { kind, requests, counts };
}

const rows = HEALTHY_KINDS.map((kind, index) => play(kind, seed * HUNDRED + index));
const findingsOf = ({ counts }: Played): number =>
  [...counts].filter(([what]) => what !== "ejection").reduce((sum, [, count]) => sum + count, 0);
const each = (count: number, instanceDays: number): string => ((count / instanceDays) * HUNDRED).toFixed(2);
const row = (name: string, instanceDays: number, played: readonly Played[]): string[] => {
  const findings = played.reduce((sum, one) => sum + findingsOf(one), 0);
  const ejections = played.reduce((sum, { counts }) => sum + (counts.get("ejection") ?? 0), 0);
  const requests = played.reduce((sum, one) => sum + one.requests, 0) / 1e6;
  const classes = new Map<Began, number>();
  for (const { counts } of played) {
    for (const [what, count] of counts) if (what !== "ejection") classes.set(what, (classes.get(what) ?? 0) + count);
  }
  return [
    name,
    String(instanceDays),
    requests.toFixed(1),
    [...classes].map(([what, count]) => `${what} ${count}`).join(", ") || "none",
    `${each(findings, instanceDays)} (≤ ${each(upperBound(findings), instanceDays)})`,
    `${ejections} (${(ejections / requests).toFixed(2)})`,
  ];
};
console.log(
  "Simulated. In brackets the upper 95 % bound; ejections: of the breaker, in brackets per million requests.\n",
);
printTable(
  ["service", "instance-days", "million requests", "false findings", "per 100 instance-days", "ejections"],
  [
    ...rows.map((played) => row(played.kind.name, days * played.kind.instances, [played])),
    row("all", days * HEALTHY_KINDS.reduce((sum, { instances }) => sum + instances, 0), rows),
  ],
);
console.log(`\n${describeMachine()}`);
