// The drills in their short form: a crash, a frozen process and a run without a fault on a copy of examples/qa; and that nothing stays behind,
// whatever ends a drill. Figures are for whole drills on a quiet machine: no time is judged here.
import type { DrillReport } from "@flyball/drill";
import { findTaggedProcesses } from "@flyball/wire";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { CHECKOUT, createAppRig, type AppRig } from "./support/app-rig.ts";
import { followCommand, type FollowedCommand } from "./support/follow-command.ts";
import { qaManifest } from "./support/qa-manifest.ts";

const SHORT = ["--before", "1s", "--window", "2s", "--rate", "5"];
/** This machine may do other things: how fit it is to measure is not the question here. */
const ANY_MACHINE = ["--max-lag", "10s", "--max-steal", "100"];
const REQUESTS = readFileSync(join(CHECKOUT, "examples", "qa", "requests.ndjson"), "utf8");

describe("flyball drill run", () => {
  let rig: AppRig;
  let temporary: string;

  beforeAll(async () => {
    rig = await createAppRig({ manifest: qaManifest(), files: { "requests.ndjson": REQUESTS } });
    temporary = join(rig.folder.path, "tmp");
    mkdirSync(temporary);
    rig.environment["TMPDIR"] = temporary;
  });
  afterAll(() => rig.dispose());

  /** Pids of everything that was started with this rig's temporary folder. */
  function running(): readonly string[] {
    return readdirSync("/proc").filter((pid) => /^\d+$/.test(pid) && environmentOf(pid).includes(temporary));
  }

  async function untilInjected(...args: readonly string[]): Promise<FollowedCommand> {
    const command = followCommand(rig.spawnFlyball("drill", "run", "frozen", ...args, ...SHORT, ...ANY_MACHINE));
    await rig.until(
      "a fault is in force",
      () => {
        if (command.child.exitCode !== null) throw new Error(`the drill ended:\n${command.stderr()}`);
        return command.stderr().includes("injected into");
      },
      90_000,
    );
    return command;
  }

  it("measures a crash, a frozen process and a run without a fault, and keeps the figures", async () => {
    const page = join(rig.folder.path, "drill.html");
    const { code, stdout, stderr } = await rig.flyball(
      "drill",
      "run",
      "crash",
      "frozen",
      "-o",
      "json",
      "--html",
      page,
      ...SHORT,
      ...ANY_MACHINE,
    );
    expect([0, 1], stderr).toContain(code);
    const { summaries, runs } = JSON.parse(stdout) as DrillReport;
    expect(summaries.map(({ fault, measured }) => [fault, measured])).toEqual([
      ["crash", 1],
      ["frozen", 1],
      [undefined, 1],
    ]);
    for (const summary of summaries) expect(summary).toMatchObject({ lost: 0, duplicated: 0, falseActions: [] });
    const crash = runs.find(({ run }) => run.fault === "crash");
    expect(crash?.verdict.actions?.incidentClass).toBe("process-exit");
    expect(crash?.verdict.capacity?.capacityMs).toBeGreaterThan(0);
    expect(readFileSync(page, "utf8")).toContain("<svg");
    expect(running()).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
    const history = await rig.flyball("drill", "report", "-o", "json");
    expect(history.code).toBe(0);
    expect((JSON.parse(history.stdout) as { drills: readonly unknown[] }).drills).toHaveLength(1);
  });

  it("takes the fault back and ends all at Ctrl-C", async () => {
    const command = await untilInjected();
    command.child.kill("SIGINT");
    expect((await command.ended).code).toBe(130);
    expect(running()).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it("that is killed leaves nothing of its copy", async () => {
    const command = await untilInjected();
    command.child.kill("SIGKILL");
    await rig.until("everything has ended", () => running().length === 0, 60_000);
  });

  it("that is killed takes its fault back from an app that runs", async () => {
    await rig.up();
    const tag = `${basename(rig.stateFolder())}/`;
    const states = async (): Promise<readonly string[]> =>
      (await findTaggedProcesses({ tag })).map(({ stat }) => stat.state);
    const command = await untilInjected("--app", "running");
    command.child.kill("SIGKILL");
    await rig.until("no process stands still", async () => !(await states()).includes("T"), 60_000);
    await rig.until("the app is well", async () => (await rig.status()).state === "ready", 60_000);
  });
});

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    return "";
  }
}
