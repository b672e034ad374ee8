// How well the length of answers is foretold: order, calibration and error on real traces, recovery after a change, answers that were cut
// off, and the cost of it. Prints tables; nothing is asserted.
//   node tools/launch.mjs run node bench/scheduling/predictor.ts [--data FOLDER]
import { readCommandLine, type BenchUsage } from "../support/command-line.ts";
import { describeMachine, printTable } from "../support/report.ts";
import { DATA_OPTION, dataFolderOf } from "./data-folder.ts";
import { judgeForecasters } from "./predictor/judge-forecasters.ts";
import { measureChange } from "./predictor/measure-change.ts";
import { measureCost } from "./predictor/measure-cost.ts";
import { measureCutOff } from "./predictor/measure-cut-off.ts";
import { readTraces } from "./predictor/read-answers.ts";

const USAGE: BenchUsage = {
  file: "bench/scheduling/predictor.ts",
  purpose: "How well the length of answers is foretold on real traces, after a change, with answers cut off; its cost.",
  options: { data: DATA_OPTION },
};
const folder = readCommandLine(USAGE, process.argv.slice(2), (line) => dataFolderOf(line, process.env));
const show = (value: number, digits = 3): string => (Number.isNaN(value) ? "–" : value.toFixed(digits));
const { traces, missing } = folder === undefined ? { traces: [], missing: [] } : readTraces(folder);
if (folder === undefined) console.log("predictor: no --data and no FLYBALL_DATA; what needs traces is skipped\n");
if (missing.length > 0) console.log(`predictor: ${folder} has no ${missing.join(", ")}; they are skipped\n`);

if (traces.length > 0) {
  console.log(
    "## Order, error and calibration (learned when an answer is over; the first part of each trace is not judged)\n",
  );
  printTable(
    ["trace", "judged", "forecaster", "Kendall tau", "mean log error", "≤ p50", "≤ p90"],
    traces.flatMap((trace) =>
      judgeForecasters(trace)
        .filter(({ tau }) => !Number.isNaN(tau))
        .map(({ name, tau, logError, withinP50, withinP90 }) => [
          trace.name,
          String(trace.answers.length - trace.firstJudged),
          name,
          show(tau),
          show(logError),
          show(withinP50),
          show(withinP90),
        ]),
    ),
  );
}

console.log("\n## One client of six changes its median (error of p50, mean of 20 runs)\n");
const changes = [
  [100, 1000],
  [1000, 100],
  [100, 300],
  [300, 100],
  [100, 200],
].map(([from, to]) => measureChange(from as number, to as number));
printTable(
  ["change", "error before", "after 10", "20", "50", "100 answers", "within 30 % for good after"],
  changes.map(({ from, to, errorBefore, errorAfter, recoveredAfter }) => [
    `${from} → ${to}`,
    show(errorBefore),
    ...errorAfter.map(({ error }) => show(error)),
    recoveredAfter === undefined ? "> 400" : String(recoveredAfter),
  ]),
);

const [first] = traces;
if (first !== undefined) {
  console.log(`\n## Answers cut off: half of the requests of ${first.name} with max_tokens, the others judged\n`);
  printTable(
    ["max_tokens", "cut-off answers are learned", "≤ p50", "≤ p90"],
    [256, 512, 1024].flatMap((bound) =>
      measureCutOff(first, bound).map(({ way, withinP50, withinP90 }) => [
        String(bound),
        way,
        show(withinP50),
        show(withinP90),
      ]),
    ),
  );
  console.log("\n## Cost\n");
  const cost = measureCost(first);
  printTable(
    ["measure", "value"],
    Object.entries(cost).map(([name, value]) => [name, show(value as number, 2)]),
  );
}
console.log(`\n${describeMachine()}`);
