// How well an endpoint's prices and its cap are learned, on the engines of the engine model with 8 % noise. Prints tables; nothing is asserted.
//   node tools/launch.mjs run node bench/scheduling/learners.ts
import { ENGINE_PROFILES, stepTimeMs, type EngineProfile } from "@flyball/engine-model";
import { createCapLearner, createWorkLearner, DEFAULT_WORK_RATES, workOf, type WorkLearner } from "@flyball/traffic";
import { readCommandLine } from "../support/command-line.ts";
import { describeMachine, printTable } from "../support/report.ts";
import { driveEngine, type EngineWatcher } from "./learners/drive-engine.ts";

const USAGE = {
  file: "bench/scheduling/learners.ts",
  purpose: "How well and how fast the prices and the cap of an engine are learned.",
};
readCommandLine(USAGE, process.argv.slice(2), () => undefined);

const NOISE = 0.08;
/** Gaps after which the error is taken. */
const MARKS = [100, 300, 1000] as const;
const profiles: readonly EngineProfile[] = Object.values(ENGINE_PROFILES);

/** Mean |ln| of the expected gap against the engine's own, at twenty loads with contexts of 600 tokens, in percent. */
function gapError(learner: WorkLearner, profile: EngineProfile): number {
  let sum = 0;
  for (let part = 1; part <= 20; part += 1) {
    const running = Math.max(1, Math.round((profile.maxConcurrency * part) / 20));
    const work = { prefillTokens: 0, decodeSequences: running, contextTokens: 600 * running, attentionPairs: 0 };
    sum += Math.abs(Math.log(learner.expectItlMs(running, 600 * running) / stepTimeMs(profile, work)));
  }
  return (100 * sum) / 20;
}

function measurePrices(profile: EngineProfile, isFull: boolean): readonly string[] {
  const learner = createWorkLearner(DEFAULT_WORK_RATES);
  const errors: string[] = [];
  let workMs = 0;
  const watcher: EngineWatcher = {
    cap: () => profile.maxConcurrency,
    gap({ itlMs, running, contextTokens, isReading }) {
      if (!isReading) learner.addTokenGap(running, contextTokens, itlMs);
      if (learner.tokenGaps >= (MARKS[errors.length] ?? Number.POSITIVE_INFINITY))
        errors.push(gapError(learner, profile).toFixed(1));
    },
    firstToken: ({ ttftMs, uncachedTokens }) => learner.addFirstToken(uncachedTokens, ttftMs),
    finished(promptTokens, outputTokens) {
      workMs += workOf(learner.rates(profile.maxConcurrency), promptTokens, promptTokens, outputTokens);
    },
    scraped: () => undefined,
  };
  const ratePerSecond = isFull ? Number.POSITIVE_INFINITY : (0.2 / (600 * profile.perTokenMs)) * 1000;
  const { busyMs } = driveEngine(
    { profile: { ...profile, jitter: NOISE }, ratePerSecond, untilMs: 300_000, scrapeMs: 0 },
    watcher,
  );
  const rates = learner.rates(profile.maxConcurrency);
  return [
    profile.name,
    isFull ? "full" : "a fifth of its reading",
    ...MARKS.map((_, place) => errors[place] ?? "–"),
    `${rates.prefillMs.toFixed(4)} (${profile.perTokenMs})`,
    rates.decodeMs.toFixed(3),
    `${rates.contextMs.toExponential(2)} (${profile.perContextTokenMs})`,
    (workMs / busyMs).toFixed(2),
  ];
}

function measureCap(profile: EngineProfile, scrapeMs: number, itlObjectiveMs?: number): readonly string[] {
  const learner = createCapLearner({
    bounds: { minimum: 1, maximum: 512, initial: 8 },
    ...(itlObjectiveMs === undefined ? {} : { itlObjectiveMs }),
  });
  const caps: string[] = [];
  const marks = [10_000, 30_000, 60_000, 300_000];
  let gapMs = 0;
  let gaps = 0;
  const watcher: EngineWatcher = {
    cap: () => learner.cap,
    gap({ itlMs, running, active }, now) {
      learner.addTokenGap(itlMs, { running, active }, now);
      if (now > 60_000) {
        gapMs += itlMs;
        gaps += 1;
      }
      if (now >= (marks[caps.length] ?? Number.POSITIVE_INFINITY)) caps.push(String(learner.cap));
    },
    firstToken({ ttftMs, uncachedTokens, running, active }, now) {
      const expectedMs = profile.requestOverheadMs + 30 + 1.2 * uncachedTokens * profile.perTokenMs;
      learner.addFirstToken(ttftMs, expectedMs, { running, active }, now);
    },
    finished: () => undefined,
    scraped: (scrape, now) => learner.addScrape(scrape, now),
  };
  driveEngine(
    { profile: { ...profile, jitter: NOISE }, ratePerSecond: Number.POSITIVE_INFINITY, untilMs: 300_500, scrapeMs },
    watcher,
  );
  return [
    profile.name,
    String(profile.maxConcurrency),
    scrapeMs === 0 ? "none" : `${scrapeMs / 1000} s`,
    itlObjectiveMs === undefined ? "–" : `${itlObjectiveMs} ms`,
    ...marks.map((_, place) => caps[place] ?? "–"),
    (gapMs / gaps).toFixed(1),
    learner.reason,
  ];
}

console.log("## Prices of an endpoint (in brackets the engine's own)\n");
printTable(
  ["engine", "load", ...MARKS.map((mark) => `gap error % after ${mark}`), "c_p", "c_d", "k", "work ÷ busy time"],
  profiles.flatMap((profile) => [true, false].map((isFull) => measurePrices(profile, isFull))),
);
console.log("\n## Cap of an endpoint under endless load, from 8\n");
printTable(
  ["engine", "places", "scrapes", "objective", "cap at 10 s", "30 s", "60 s", "300 s", "mean gap ms", "reason"],
  [
    ...profiles.flatMap((profile) => [0, 2000].map((scrapeMs) => measureCap(profile, scrapeMs))),
    measureCap(ENGINE_PROFILES["8b-a100"], 2000, 25),
    measureCap(ENGINE_PROFILES["70b-h100-tp4"], 2000, 40),
  ],
);
console.log(`\n${describeMachine()}`);
