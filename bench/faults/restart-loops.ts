// How often a process that ends again and again is started, and how soon it is back once its cause is gone: the very code of control/decide beside the
// rules of PM2, systemd and Kubernetes, simulated. Prints a table; nothing is asserted.
//   node tools/launch.mjs run node bench/faults/restart-loops.ts
import { seededRandom } from "@flyball/fakes";
import { readCommandLine, type BenchUsage } from "../support/command-line.ts";
import { percentile, printTable } from "../support/report.ts";
import { RESTART_RULES } from "./restart-loops/restart-rules.ts";
import type { RestartRule } from "./restart-loops/restart-rule.ts";

const USAGE: BenchUsage = {
  file: "bench/faults/restart-loops.ts",
  purpose: "Starts of a process that ends again and again, and the time until it is back when its cause is gone.",
  options: { rounds: { value: "N", says: "loops for each cell, of different lengths; 200" } },
};
const rounds = readCommandLine(USAGE, process.argv.slice(2), (line) => line.number("rounds", 1) ?? 200);

const MINUTE_MS = 60_000;
const UPTIMES_MS = [500, 2_000, 30_000, 120_000];

/** One loop. The cause is gone at `mendedAt`: what is started from then on goes on. null: nothing is started any more. */
function loop(
  rule: RestartRule,
  uptimeMs: number,
  mendedAt: number,
  seed: number,
): { starts: number; backMs: number | null } {
  const book = rule.create(seededRandom(seed));
  let [now, starts] = [0, 1];
  for (;;) {
    now += uptimeMs;
    const waitMs = book.ended(uptimeMs, now);
    if (waitMs === null) return { starts, backMs: null };
    now += waitMs;
    if (now >= mendedAt) return { starts, backMs: now - mendedAt };
    starts += 1;
  }
}

function cell(rule: RestartRule, uptimeMs: number): string {
  const loops = Array.from({ length: rounds }, (_, round) =>
    loop(rule, uptimeMs, 20 * MINUTE_MS + round * 1_009, round + 1),
  );
  const starts = Math.round(loops.reduce((sum, { starts: each }) => sum + each, 0) / rounds);
  const back = loops.flatMap(({ backMs }) => backMs ?? []);
  const often = `${starts} starts`;
  if (back.length === 0) return `${often}, then given up`;
  const [p50, most] = [percentile(back, 0.5), Math.max(...back)].map((ms) => (ms / 1_000).toFixed(1));
  return `${often}; back after ${p50} s (≤ ${most})`;
}

console.log(
  `A process ends so long after each start, for 20 minutes or a little more; then its cause is gone and nobody tells. Simulated, ${rounds} loops a cell: starts so far,
and the time until the start that lasts (median, longest).\n`,
);
printTable(
  ["rule", ...UPTIMES_MS.map((ms) => `ends after ${ms / 1_000} s`)],
  RESTART_RULES.map((rule) => [rule.name, ...UPTIMES_MS.map((uptimeMs) => cell(rule, uptimeMs))]),
);
