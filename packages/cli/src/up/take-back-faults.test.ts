import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createTemporaryFolder } from "@flyball/fakes";
import { readProcessIdentity, readProcessStat } from "@flyball/wire";
import { expect, it } from "vitest";
import { takeBackFaults } from "./take-back-faults.ts";

it("a fault of a drill that is gone is taken back, one of a drill that runs is not, and where there is none nothing is done", async () => {
  await using folder = await createTemporaryFolder();
  expect(await takeBackFaults({ directory: folder.path }, Date.now())).toEqual([]);
  const victim = spawn("sleep", ["60"]);
  try {
    victim.kill("SIGSTOP");
    const identity = readProcessIdentity(victim.pid!);
    const drill = readProcessIdentity(process.pid);
    const faults = join(folder.path, "faults");
    mkdirSync(faults);
    const write = (owner: object): void =>
      writeFileSync(
        join(faults, "frozen-1.json"),
        JSON.stringify({
          id: "frozen-1",
          fault: "frozen",
          owner,
          until: Date.now() + 60_000,
          steps: [{ undo: "continue", processes: [identity] }],
        }),
      );
    write(drill);
    expect(await takeBackFaults({ directory: folder.path }, Date.now())).toEqual([]);
    expect(readdirSync(faults)).toHaveLength(1);
    write({ ...drill, startTicks: 1 });
    expect(await takeBackFaults({ directory: folder.path }, Date.now())).toEqual(["frozen"]);
    expect(readProcessStat(victim.pid!)?.state).not.toBe("T");
    expect(readdirSync(faults)).toEqual([]);
  } finally {
    victim.kill("SIGKILL");
  }
});
