// How long it takes until a release that fails some of its requests is found bad, how long until it is rolled back, and how often one that is as good as
// the old one is found bad: the very code of control on generated evidence in fake time. Prints tables; nothing is asserted.
//   node tools/launch.mjs run node bench/faults/bad-release.ts [releases] [options]
import { readCommandLine, type BenchUsage } from "../support/command-line.ts";
import { describeMachine, percentile, printTable } from "../support/report.ts";
import { playRollBack } from "./bad-release/play-roll-back.ts";
import { timeToVerdict, type ReleaseScene } from "./bad-release/play-release.ts";
import { upperBound } from "./error-burst/simulate.ts";

const USAGE: BenchUsage = {
  file: "bench/faults/bad-release.ts",
  purpose: "Time to the verdict on a bad release and to its roll-back; false verdicts.",
  words: [{ name: "releases", says: "releases for each cell; 500" }],
  options: { rollbacks: { value: "N", says: "releases for each row on the whole loop; 30" } },
};
const { releases, rollbacks } = readCommandLine(USAGE, process.argv.slice(2), (line) => ({
  releases: line.number("releases", 1) ?? 500,
  rollbacks: line.number("rollbacks", 1) ?? 30,
}));

const PER_SECOND = 10;
const LIMIT_MS = 600_000;
const ERRORS = [0.05, 0.2, 0.5];
const BASES = [0, 0.005, 0.01, 0.02, 0.05];
const BESIDE = [
  { name: "canary, a tenth", share: 0.1, besideMs: LIMIT_MS },
  { name: "canary, half", share: 0.5, besideMs: LIMIT_MS },
  { name: "rolling, 3 s of both", share: 0.5, besideMs: 3_000 },
];

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
const seconds = (ms: number | undefined): string => (ms === undefined ? "–" : (ms / 1_000).toFixed(1));
const spread = (times: readonly (number | undefined)[]): string => {
  const found = times.map((ms) => ms ?? Number.POSITIVE_INFINITY);
  const of = (share: number): string => {
    const at = percentile(found, share);
    return Number.isFinite(at) ? seconds(at) : "–";
  };
  return `${of(0.5)} / ${of(0.95)}`;
};

function verdicts(scene: Omit<ReleaseScene, "seed" | "perSecond" | "limitMs">): string {
  const times = Array.from({ length: releases }, (_, seed) =>
    timeToVerdict({ ...scene, seed: seed + 1, perSecond: PER_SECOND, limitMs: LIMIT_MS }),
  );
  return spread(times);
}

console.log(
  `Seconds from the first request of the new revision to the verdict, simulated: median / p95 of ${releases} releases at ${PER_SECOND} requests/s.\n`,
);
printTable(
  ["requests of the new one", "errors before", ...ERRORS.map((errors) => `${percent(errors)} errors`)],
  BESIDE.flatMap(({ name, ...beside }) =>
    [0, 0.01].map((oldErrors) => [
      name,
      percent(oldErrors),
      ...ERRORS.map((newErrors) => verdicts({ ...beside, oldErrors, newErrors })),
    ]),
  ),
);

console.log(
  `\nReleases found bad that are as good as the old one, of ${4 * releases} of 6,000 requests each, simulated (in brackets the upper 95 % bound of the share).\n`,
);
printTable(
  ["failures come", "requests of the new one", ...BASES.map(percent)],
  [false, true].flatMap((isBursty) =>
    BESIDE.slice(1).map(({ name, ...beside }) => [
      isBursty ? "bursty" : "independent",
      name,
      ...BASES.map((rate) => {
        const scene = {
          ...beside,
          isBursty,
          oldErrors: rate,
          newErrors: rate,
          perSecond: PER_SECOND,
          limitMs: LIMIT_MS,
        };
        const found = Array.from({ length: 4 * releases }, (_, seed) => timeToVerdict({ ...scene, seed: seed + 1 }));
        const count = found.filter((ms) => ms !== undefined).length;
        return `${count} (≤ ${percent(upperBound(count) / (4 * releases))})`;
      }),
    ]),
  ),
);

console.log(
  `\nThe whole loop of control, rolling, two instances that start in a second, ${PER_SECOND} requests/s: seconds from the first failure, median / p95 of ${rollbacks}.\n`,
);
const rows: string[][] = [];
for (const errors of ERRORS) {
  const played = [];
  for (let seed = 1; seed <= rollbacks; seed += 1)
    played.push(await playRollBack({ seed, errors, perSecond: PER_SECOND, limitMs: LIMIT_MS / 2 }));
  const classes = new Map<string, number>();
  for (const one of played) classes.set(one?.class ?? "none", (classes.get(one?.class ?? "none") ?? 0) + 1);
  rows.push([
    percent(errors),
    spread(played.map((one) => one?.verdictMs)),
    spread(played.map((one) => one?.overMs)),
    String(
      percentile(
        played.map((one) => one?.failed ?? Number.POSITIVE_INFINITY),
        0.5,
      ),
    ),
    [...classes].map(([name, count]) => `${name} ${count}`).join(", "),
    String(Math.max(...played.map((one) => one?.incidents ?? 0))),
  ]);
}
printTable(
  ["errors", "verdict and decision", "no bad instance serves", "failed, median", "told as", "incidents at most"],
  rows,
);
console.log(`\n${describeMachine()}`);
