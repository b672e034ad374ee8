// Runs a program of the tests in a process of its own whose disk fails at a chosen write: the real code, real files, and a real kill −9 between
// two system calls. The write points are those of JavaScript; SQLite's own writes are taken as one with the statement that causes them.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { DISK_FAULT_VARIABLE, type DiskFault } from "./disk-fault.ts";

/** How it ended. */
export interface FakeDiskRun {
  /** `ended`: by itself, with that code; `killed`: at the write point of the fault. */
  readonly end: "ended" | "killed";
  readonly code: number | null;
  /** What it wrote before, in whole lines. What it says is written after what it did: an acknowledgement. */
  readonly lines: readonly string[];
  readonly errors: string;
}

const isSource = import.meta.url.endsWith(".ts");
const PRELOAD = new URL(isSource ? "./preload.ts" : "./preload.js", import.meta.url);
const OPTIONS = [...(isSource ? ["--conditions=flyball-source"] : []), "--disable-warning=ExperimentalWarning"];
const RUN_LIMIT_MS = 60_000;

/** Runs `node entry ...words` with the fault; without one, on a disk that works. */
export async function runOnFakeDisk(entry: string, words: readonly string[], fault?: DiskFault): Promise<FakeDiskRun> {
  const child = spawn(process.execPath, [...OPTIONS, `--import=${PRELOAD.href}`, entry, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...(fault === undefined ? {} : { [DISK_FAULT_VARIABLE]: JSON.stringify(fault) }) },
    timeout: RUN_LIMIT_MS,
    killSignal: "SIGTERM",
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
  if (signal !== null && signal !== "SIGKILL") throw new Error(`${entry} was ended by ${signal}: ${errors}`);
  return { end: signal === null ? "ended" : "killed", code, lines: output.split("\n").slice(0, -1), errors };
}
