// How fast examples/qa recovers from the death of a `language` instance under load, and what its users notice: 50 different questions a
// second for 20 s, kill −9 each 4 s, each round on a fresh app. Prints a table; nothing is asserted.
//   node tools/launch.mjs run node bench/qa-kills.ts [rounds]
import { faultRecoveryTime, type FaultRecoveryTime, type Incident } from "@flyball/core";
import { createAppRig } from "../test/support/app-rig.ts";
import { killLanguageUnderLoad, type KillRun } from "../test/support/kill-language.ts";
import { qaManifest } from "../test/support/qa-manifest.ts";
import { countReplies } from "../test/support/send-request.ts";
import { readCommandLine, type BenchUsage } from "./support/command-line.ts";
import { describeMachine, percentile, printTable } from "./support/report.ts";

const USAGE: BenchUsage = {
  file: "bench/qa-kills.ts",
  purpose: "How fast examples/qa recovers while an instance is killed each 4 s, and what its users notice.",
  words: [{ name: "rounds", says: "of 35 s, each on a fresh app; 4" }],
};
const rounds = readCommandLine(USAGE, process.argv.slice(2), (line) => line.number("rounds", 1) ?? 4);
const ROUND_MS = 20_000;
const GOOD_WINDOW_MS = 2_000;
const PORT = 5_620;

async function oneRound(): Promise<KillRun> {
  const environment = { FLYBALL_GOOD_WINDOW_MS: String(GOOD_WINDOW_MS) };
  const rig = await createAppRig({ manifest: qaManifest(), environment });
  try {
    await rig.up("--port", String(PORT));
    return await killLanguageUnderLoad(rig, { durationMs: ROUND_MS });
  } finally {
    await rig.dispose();
  }
}

function rowOf(name: string, runs: readonly KillRun[]): readonly string[] {
  const asked = runs.flatMap((run) => run.asked);
  const kills = runs.flatMap((run) => run.kills);
  const through = runs.reduce((sum, run) => sum + run.throughLanguage * run.asked.length, 0) / asked.length;
  const latencies = asked.map(({ startedAt, endedAt }) => endedAt - startedAt);
  return [
    name,
    String(asked.length),
    String(runs.reduce((sum, run) => sum + run.failed.length, 0)),
    `${(through * 100).toFixed(1)} %`,
    `${kills.length} (${kills.reduce((sum, kill) => sum + kill.attemptsLost, 0)})`,
    spread(latencies),
    ...frtColumns(runs.flatMap((run) => run.incidents)),
  ];
}

function frtColumns(incidents: readonly Incident[]): readonly string[] {
  const times = incidents.map(faultRecoveryTime);
  const part = (name: keyof FaultRecoveryTime): string => spread(times.flatMap((time) => time[name] ?? []));
  return [String(times.length), part("totalMs"), part("detectionMs"), part("capacityMs"), part("trafficMs")];
}

function spread(numbers: readonly number[]): string {
  return [percentile(numbers, 0.5), percentile(numbers, 0.95), Math.max(...numbers)]
    .map((ms) => ms.toFixed(0))
    .join(" / ");
}

const runs: KillRun[] = [];
for (let round = 0; round < rounds; round += 1) runs.push(await oneRound());
console.log(`Milliseconds are p50 / p95 / max; recovery must hold a good window of ${GOOD_WINDOW_MS / 1_000} s.\n`);
printTable(
  [
    "round",
    "questions",
    "failed",
    "through language",
    "kills (attempts lost)",
    "answer ms",
    "n",
    "FRT ms",
    "detection ms",
    "capacity FRT ms",
    "traffic FRT ms",
  ],
  [...runs.map((run, index) => rowOf(String(index + 1), [run])), rowOf("all", runs)],
);
const failed = countReplies(runs.flatMap((run) => run.failed));
if (Object.keys(failed).length > 0) console.log(`\nFailed: ${JSON.stringify(failed)}`);
console.log(`\n${describeMachine()}`);
