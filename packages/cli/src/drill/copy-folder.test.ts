import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readProcessIdentity, readProcessStat } from "@flyball/wire";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeCopyFolder, sweepCopyFolders } from "./copy-folder.ts";

const usual = process.env["TMPDIR"];
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fb-sweep-"));
  process.env["TMPDIR"] = root;
});

afterEach(() => {
  if (usual === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = usual;
  rmSync(root, { recursive: true, force: true });
});

/** The name that the folder of a process that has ended bears. */
async function folderOfDead(): Promise<string> {
  const child = spawn("sleep", ["60"]);
  const { pid, startTicks } = readProcessIdentity(child.pid!);
  child.kill("SIGKILL");
  await once(child, "exit");
  const path = join(root, `fb-drill-${pid.toString(36)}-${startTicks.toString(36)}-abcdef`);
  mkdirSync(join(path, "shop.0123abcd", "faults"), { recursive: true });
  return path;
}

it("the folder of a drill that runs is left alone, as is what is not a drill's", async () => {
  const own = makeCopyFolder();
  mkdirSync(join(root, "fb-drill-notes"));
  await sweepCopyFolders(Date.now());
  expect(existsSync(own)).toBe(true);
  expect(readdirSync(root)).toHaveLength(2);
});

it("of a drill that was killed nothing is left: its fault is taken back, its processes end, its folder goes", async () => {
  const path = await folderOfDead();
  const frozen = spawn("sleep", ["60"]);
  const left = spawn("sleep", ["60"], { env: { ...process.env, FLYBALL_INSTANCE: "shop.0123abcd/web/0" } });
  const ended = once(left, "exit");
  try {
    frozen.kill("SIGSTOP");
    const identity = readProcessIdentity(frozen.pid!);
    const record = {
      id: "frozen-1",
      fault: "frozen",
      owner: { ...identity, startTicks: identity.startTicks + 1 },
      until: Date.now() + 60_000,
      steps: [{ undo: "continue", processes: [identity] }],
    };
    writeFileSync(join(path, "shop.0123abcd", "faults", "frozen-1.json"), JSON.stringify(record));
    await sweepCopyFolders(Date.now());
    await ended;
    expect(readProcessStat(frozen.pid!)?.state).not.toBe("T");
    expect(existsSync(path)).toBe(false);
  } finally {
    frozen.kill("SIGKILL");
    left.kill("SIGKILL");
  }
});
