// The program behind the proxy as a child: it gets every signal, its end is mirrored, and it does not outlive this process, even when that
// is killed by SIGKILL.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { readProcessIdentity, readProcessStat } from "@flyball/wire";
import type { ProgramStart } from "./replace-port.ts";

/** How a program ended. */
export interface ProgramEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A program that runs. */
export interface WrappedProgram {
  readonly pid: number;
  /** Rejects when it could not be started. */
  readonly ended: Promise<ProgramEnd>;
  /** To its process group. */
  signal(name: NodeJS.Signals): void;
}

/** Waits for the end of its input, which comes with the end of this process, and then kills the program if it is still the same one. */
const GUARD = `read -r line; stat=$(cat "/proc/$1/stat") && rest=\${stat##*) } && set -- "$1" "$2" $rest && [ "\${22}" = "$2" ] && kill -9 "-$1"`;
const LOOK_MS = 25;

/** Starts the program in a group of its own, with the streams of this process. */
export function startProgram({ argv, environment }: ProgramStart): WrappedProgram {
  const [command = "", ...rest] = argv;
  const child = spawn(command, rest, { env: environment, stdio: "inherit", detached: true });
  const { pid } = child;
  const ended = (once(child, "exit") as Promise<[ProgramEnd["code"], ProgramEnd["signal"]]>).then(([code, signal]) => ({
    code,
    signal,
  }));
  if (pid !== undefined) startGuard(pid);
  return {
    pid: pid ?? 0,
    ended,
    signal(name) {
      if (pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
      try {
        process.kill(-pid, name);
      } catch {
        // It ended just now.
      }
    },
  };
}

/** Npm and shells often leave before the program that they started has finished: resolves when none of the session is left. */
export async function sessionEnded(session: number): Promise<void> {
  while (hasMembers(session)) await delay(LOOK_MS);
}

function hasMembers(session: number): boolean {
  try {
    return readdirSync("/proc").some((name) => {
      const pid = Number(name);
      const stat = pid > 0 ? readProcessStat(pid) : undefined;
      return stat?.session === session && stat.state !== "Z" && stat.state !== "X";
    });
  } catch {
    return false;
  }
}

function startGuard(pid: number): ChildProcess {
  const { startTicks } = readProcessIdentity(pid);
  const guard = spawn("sh", ["-c", GUARD, "flyball-guard", String(pid), String(startTicks)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  guard.on("error", () => undefined);
  guard.stdin?.on("error", () => undefined);
  guard.unref();
  return guard;
}
