// Starts a program that serves until it is ended. Its output goes into a file, whose end is shown when it fails.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { processFamily } from "./accounting.ts";
import type { Bench } from "../bench.ts";

const GRACE_MS = 3_000;

/** A program that runs. */
export interface StartedProgram {
  readonly pid: number;
  /** `performance.now()` just before the spawn. */
  readonly spawnedAt: number;
  /** Why it does not run any more; undefined while it does. */
  failure(): string | undefined;
  /** SIGTERM, and after 3 s SIGKILL for it and its children. Idempotent. */
  stop(): Promise<void>;
}

/** Starts it. */
export async function startProgram(
  bench: Bench,
  name: string,
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<StartedProgram> {
  bench.cleanUp.requireOpen();
  const [file = "", ...words] = argv;
  const logFile = join(bench.folder, `${name}.log`);
  const log = openSync(logFile, "a");
  const spawnedAt = performance.now();
  const child = spawn(file, words, {
    cwd: bench.folder,
    env: { ...process.env, ...environment },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  const exited = once(child, "exit");
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const stop = bench.cleanUp.defer(async () => {
    if (isGone() || child.pid === undefined) return;
    const family = processFamily(child.pid);
    child.kill("SIGTERM");
    const cancelled = new AbortController();
    const late = delay(GRACE_MS, "late", { signal: cancelled.signal }).catch(() => "ended");
    const first = await Promise.race([exited, late]);
    cancelled.abort();
    if (first === "late") for (const member of family) tryKill(member);
  });
  await once(child, "spawn");
  return {
    pid: child.pid as number,
    spawnedAt,
    failure: () =>
      isGone() ? `${name} ended with ${child.exitCode ?? child.signalCode}: ${tailOf(logFile)}` : undefined,
    stop,
  };
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

function tailOf(file: string): string {
  return readFileSync(file, "utf8").trim().split("\n").slice(-5).join(" / ");
}
