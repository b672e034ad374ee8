// The promise of the first example: people get their answers while the instances that answer them are killed.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAppRig, frtSummary, type AppRig } from "./support/app-rig.ts";
import { killLanguageUnderLoad, type KillRun } from "./support/kill-language.ts";
import { qaManifest } from "./support/qa-manifest.ts";
import { countReplies } from "./support/send-request.ts";

const isLong = process.env["FLYBALL_TEST_LONG"] === "1";
const durationMs = isLong ? 20_000 : 10_000;
const killCount = isLong ? 5 : 2;
const PORT = 5_610;

describe("examples/qa under fire", () => {
  let rig: AppRig;

  beforeAll(async () => {
    rig = await createAppRig({ manifest: qaManifest(), environment: { FLYBALL_GOOD_WINDOW_MS: "2000" } });
    await rig.up("--port", String(PORT));
  });
  afterAll(() => rig?.dispose());

  it("answers every question while a language instance is killed each four seconds", async () => {
    const run = await killLanguageUnderLoad(rig, { durationMs });
    const frt = frtSummary(run.incidents);
    process.stdout.write(describeRun(run));
    expect(countReplies(run.failed)).toEqual({});
    expect(run.asked.length).toBeGreaterThanOrEqual((durationMs / 1_000) * 50);
    expect(new Set(run.asked.map(({ question }) => question)).size).toBe(run.asked.length);
    expect(run.throughLanguage).toBeGreaterThanOrEqual(0.95);
    expect(run.kills).toHaveLength(killCount);
    for (const kill of run.kills) {
      expect(kill.inFlight).toBeGreaterThanOrEqual(1);
      expect(kill.attemptsLost).toBeGreaterThanOrEqual(1);
    }
    expect(run.incidents.map(({ goodWindowMs }) => goodWindowMs)).toEqual(run.kills.map(() => 2_000));
    expect(frt.count).toBe(killCount);
    expect(frt.p50).toBeGreaterThan(0);
  });
});

function describeRun(run: KillRun): string {
  const frt = frtSummary(run.incidents);
  const kills = run.kills.map(
    (kill) =>
      `  kill -9 ${kill.instance}: ${kill.inFlight} in flight, ${kill.attemptsLost} attempts lost (waited ${kill.waitedMs.toFixed(0)} ms)\n`,
  );
  const latencies = run.asked.map(({ startedAt, endedAt }) => endedAt - startedAt).toSorted((a, b) => a - b);
  const median = latencies[latencies.length >> 1] ?? Number.NaN;
  const share = (run.throughLanguage * 100).toFixed(1);
  return (
    `${run.asked.length} questions, ${run.failed.length} failed, ${share} % answered through language, ` +
    `half of them within ${median.toFixed(0)} ms, sent at most ${run.worstLatenessMs.toFixed(0)} ms late\n${kills.join("")}` +
    `  FRT over a good window of 2 s: n ${frt.count}, p50 ${frt.p50} ms, p95 ${frt.p95} ms, max ${frt.max} ms\n`
  );
}
