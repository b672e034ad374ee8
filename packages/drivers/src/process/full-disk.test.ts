// The folder of instances is a file system of its own that is full. Needs the rights to mount one.
import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock, type StartContext, type Workload } from "@flyball/core";
import { createTemporaryFolder } from "@flyball/fakes";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createProcessDriver, type ProcessDriver } from "./process-driver.ts";
import { startTestKeeper, type TestKeeper } from "./testdata/start-test-keeper.ts";

const [APP, CLONE] = ["disk", randomBytes(4).toString("hex")];
const CONTEXT: StartContext = { revision: 1, serviceAddresses: {}, environment: {} };
const signal = new AbortController().signal;

async function canMount(): Promise<boolean> {
  if (process.getuid?.() !== 0) return false;
  await using folder = await createTemporaryFolder();
  if (!mount(folder.path)) return false;
  execFileSync("umount", [folder.path]);
  return true;
}

function mount(folder: string): boolean {
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", folder]).status === 0;
}

describe.skipIf(!(await canMount()))("an instance on a disk that is full", () => {
  let keeper: TestKeeper;
  let driver: ProcessDriver;

  beforeEach(async () => {
    keeper = await startTestKeeper(APP, CLONE);
    const { layout } = keeper;
    driver = createProcessDriver({
      keeper: await keeper.connect(),
      layout,
      app: APP,
      clone: CLONE,
      baseEnvironment: { PATH: process.env["PATH"] },
      clock: systemClock,
      random: Math.random,
    });
    mkdirSync(layout.run, { recursive: true });
    expect(mount(layout.run)).toBe(true);
    fill();
  });
  afterEach(async () => {
    spawnSync("umount", ["-l", keeper.layout.run]);
    await keeper.dispose();
  });

  function fill(): void {
    const filling = (): void => writeFileSync(join(keeper.layout.run, "filler"), Buffer.alloc(256), { flag: "a" });
    expect(() => {
      for (;;) filling();
    }).toThrow("ENOSPC");
  }

  function workload(change: Partial<Workload> = {}): Workload {
    return {
      app: APP,
      clone: CLONE,
      service: "api",
      kind: "service",
      specHash: "h1",
      command: [process.execPath, "-e", "setInterval(() => {}, 1000)"],
      workingDirectory: keeper.layout.directory,
      environment: { COLOUR: "red" },
      ports: [],
      resources: { limits: {}, reservations: {} },
      volumes: [],
      secrets: [],
      configs: [],
      stopSignal: "SIGTERM",
      stopGraceMs: 2_000,
      labels: {},
      ...change,
    };
  }

  it("runs without its start record, and so do its commands", async () => {
    const [instance] = await driver.apply({ workload: workload(), replicas: 1 }, CONTEXT, signal);
    expect(instance?.state).toBe("running");
    const command = ["sh", "-c", "echo $COLOUR"];
    const result = await driver.runCommand(instance?.handle ?? "", command, { timeoutMs: 10_000 }, signal);
    expect(result).toMatchObject({ code: 0, output: expect.stringContaining("red") as string });
  });

  it("does not start without a config that it reads, says why, and starts once there is room", async () => {
    const config = { name: "a", content: "x".repeat(100), sha256: "" };
    const desired = { workload: workload({ configs: [config] }), replicas: 1 };
    const path = join(keeper.layout.run, "api", "0", "config-a");
    await expect(driver.apply(desired, CONTEXT, signal)).rejects.toMatchObject({
      code: "FB_STATE_UNWRITABLE",
      message: `${path} cannot be written: ENOSPC: no space left on device`,
    });
    rmSync(join(keeper.layout.run, "filler"));
    const [instance] = await driver.apply(desired, CONTEXT, signal);
    expect(instance?.state).toBe("running");
  });
});
