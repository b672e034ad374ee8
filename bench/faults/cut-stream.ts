// A model server is killed (−9) in the middle of a streamed answer: what the client has under Flyball with `resume`, and what it has under plain restart
// supervision without a gateway. With --write the picture of the README is drawn of this run.
//   node tools/launch.mjs run node bench/faults/cut-stream.ts [--write]
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCleanUp } from "../gateway/machine/clean-up.ts";
import { readCommandLine, type BenchUsage } from "../support/command-line.ts";
import { describeMachine, printTable } from "../support/report.ts";
import { longestPauseMs, wordsBefore, type CutStreamRun, type SeenStream } from "./cut-stream/cut-stream-run.ts";
import { PICTURE_FILES, RUN_FILE } from "./cut-stream/picture-files.ts";
import { drawCutStream } from "./cut-stream/draw-cut-stream.ts";
import { watchFlyball, watchPlainRestart } from "./cut-stream/watch-answers.ts";

const USAGE: BenchUsage = {
  file: "bench/faults/cut-stream.ts",
  purpose: "What a client has of an answer whose model server is killed in the middle of it.",
  options: { write: { says: "keeps the run, and draws the picture of the README of it" } },
};
const isWritten = readCommandLine(USAGE, process.argv.slice(2), (line) => line.isOn("write"));

const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const cleanUp = createCleanUp(tell);
const folder = await mkdtemp(join(tmpdir(), "fbc-"));
cleanUp.defer(() => rm(folder, { recursive: true, force: true }));
const bench = { folder, cleanUp, tell };

async function watchBoth(): Promise<CutStreamRun> {
  try {
    const { undisturbed, stream } = await watchFlyball(bench);
    const plain = await watchPlainRestart(bench);
    const { text, wordsAt } = undisturbed;
    return { machine: describeMachine(), words: wordsAt.length, text, flyball: stream, plain };
  } finally {
    await cleanUp.run();
  }
}

const run = await watchBoth();
const row = (name: string, stream: SeenStream): readonly string[] => [
  name,
  String(wordsBefore(stream)),
  `${stream.wordsAt.length} of ${run.words}`,
  stream.text === run.text ? "yes" : "no",
  stream.end,
  `${Math.round(longestPauseMs(stream))} ms`,
  `${(stream.backMs / 1_000).toFixed(1)} s`,
];
printTable(
  [
    "under",
    "killed after word",
    "words that came",
    "the undisturbed text",
    "ended by",
    "longest pause",
    "two servers again",
  ],
  [row("Flyball, resume", run.flyball), row("plain restart", run.plain)],
);
console.log(`\n${run.machine}`);
if (isWritten) {
  await writeFile(RUN_FILE, `${JSON.stringify(rounded(run), undefined, 2)}\n`);
  for (const [language, file] of PICTURE_FILES) await writeFile(file, drawCutStream(rounded(run), language));
}

/** Whole milliseconds are enough. */
function rounded(whole: CutStreamRun): CutStreamRun {
  const text = JSON.stringify(whole, (_, value: unknown) => (typeof value === "number" ? Math.round(value) : value));
  return JSON.parse(text) as CutStreamRun;
}
