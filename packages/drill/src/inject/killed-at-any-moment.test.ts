// A drill that is killed by SIGKILL while it writes its record, starts its lease keeper, makes its fault, waits or takes it back: the victim is as
// it was before, by the lease keeper or by the sweep of the next drill.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createTemporaryFolder } from "@flyball/fakes";
import { readProcessStat } from "@flyball/wire";
import { expect, it } from "vitest";
import type { InjectionOrder } from "../injector.ts";
import { startTarget } from "../testdata/start-target.ts";
import { until } from "../testdata/until.ts";
import { readSoftLimit } from "./soft-limit.ts";
import { sweepFaults } from "./sweep-faults.ts";

const FREEZE: InjectionOrder = { fault: "frozen", injection: { kind: "signal", signal: "SIGSTOP" }, leaseMs: 60_000 };
const FILES: InjectionOrder = { fault: "files", injection: { kind: "pressure", resource: "files" }, leaseMs: 60_000 };
/** One turn takes some hundred milliseconds, most of them for the start of the lease keeper. */
const MOMENTS = [0, 3, 40, 90, 140, 190, 240, 290, 350, 470];

it.each([FREEZE, FILES])(
  "$fault: whatever the moment, nothing of it is left",
  async (order) => {
    await using folder = await createTemporaryFolder();
    await using target = await startTarget();
    const { pid } = target.victim.processes[0]!;
    const before = await readSoftLimit(pid, "nofile");
    const flags = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];
    const file = join(import.meta.dirname, "../testdata/restless-drill.ts");
    const words = [...flags, file, folder.path, JSON.stringify(order), JSON.stringify(target.victim)];
    for (const moment of MOMENTS) {
      const drill = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "inherit"] });
      await once(drill.stdout, "data");
      await delay(moment);
      drill.kill("SIGKILL");
      await once(drill, "exit");
      await until(async () => {
        const swept = await sweepFaults(folder.path, Date.now());
        const left = (await readdir(folder.path)).filter((name) => name.endsWith(".json"));
        return swept.length === 0 && left.length === 0 && readProcessStat(pid)?.state !== "T";
      });
      expect(await readSoftLimit(pid, "nofile"), `killed after ${moment} ms`).toBe(before);
      expect((await fetch(`${target.url}/health`)).status).toBe(200);
    }
    expect(await readdir(folder.path)).toEqual([]);
  },
  60_000,
);
