// `flyball up` in the foreground, in a process group of its own, so that a test can do what a terminal does: signal the whole group.
import { readProcessStat } from "@flyball/wire";
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { knownProcess, type KnownProcess } from "./app-processes.ts";
import { CHECKOUT, type AppRig } from "./app-rig.ts";
import { followCommand, type FollowedCommand } from "./follow-command.ts";

const COMMAND = join(CHECKOUT, "packages", "cli", "bin", "flyball.js");

/** A foreground `up` and the processes of its app. */
export interface ForegroundApp extends FollowedCommand {
  /** The process that was started, and those that it started to do its work. */
  readonly commandProcesses: readonly KnownProcess[];
  /** Signals the command's whole group, as Ctrl-C in a terminal does. */
  signalGroup(signal: NodeJS.Signals): void;
}

/** Starts it and does not wait for anything. */
export function spawnForeground(rig: AppRig): FollowedCommand & Pick<ForegroundApp, "signalGroup"> {
  const child = spawn(process.execPath, [COMMAND, "-f", rig.manifestPath, "up"], {
    cwd: rig.folder.path,
    env: rig.environment,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { ...followCommand(child), signalGroup: (signal) => void process.kill(-child.pid!, signal) };
}

/** Starts it and waits until it follows the app. */
export async function startForeground(rig: AppRig): Promise<ForegroundApp> {
  const command = spawnForeground(rig);
  await rig.until("it follows the app", () => {
    if (command.child.exitCode !== null)
      throw new Error(`flyball up ended with ${command.child.exitCode}\n${command.stdout()}\n${command.stderr()}`);
    return command.stderr().includes("Ctrl-C");
  });
  return { ...command, commandProcesses: membersOfGroup(command.child.pid!).map(knownProcess) };
}

function membersOfGroup(group: number): readonly number[] {
  const pids = readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
  return pids.filter((pid) => readProcessStat(pid)?.session === group).toSorted((a, b) => a - b);
}
