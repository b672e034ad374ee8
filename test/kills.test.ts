// The promise of the first example: people get their answers while the instances that answer them are killed.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createAppRig, frtSummary, type AppRig } from "./support/app-rig.ts";
import { killLanguageUnderLoad } from "./support/kill-language.ts";
import { qaManifest } from "./support/qa-manifest.ts";

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
    process.stdout.write(
      `${run.asked.length} questions, ${run.failed.length} failed, ${(run.throughLanguage * 100).toFixed(1)} % through language; ` +
        `kills: ${run.kills.map((kill) => `${kill.instance} (${kill.inFlight} in flight, ${kill.attemptsLost} lost)`).join(", ")}\n` +
        `FRT over a good window of 2 s: n ${frt.count}, p50 ${frt.p50} ms, p95 ${frt.p95} ms, max ${frt.max} ms; ` +
        `latest request ${run.worstLatenessMs.toFixed(0)} ms late\n`,
    );
    expect(run.failed).toEqual([]);
    expect(run.asked.length).toBeGreaterThanOrEqual((durationMs / 1_000) * 50);
    expect(new Set(run.asked.map(({ question }) => question)).size).toBe(run.asked.length);
    expect(run.throughLanguage).toBeGreaterThanOrEqual(0.95);
    expect(run.kills).toHaveLength(killCount);
    for (const kill of run.kills) {
      expect(kill.inFlight).toBeGreaterThanOrEqual(1);
      expect(kill.attemptsLost).toBeGreaterThanOrEqual(1);
    }
    expect(frt.count).toBe(killCount);
  });
});
