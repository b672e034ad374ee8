// Runs a command line in this process over sinks, without a terminal and without signals.
import { EventEmitter } from "node:events";
import type { Clock } from "@flyball/core";
import { createFakeClock } from "@flyball/fakes";
import { runCommandLine } from "../command-line/run-command-line.ts";

/** What came of a command line. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the words in a folder; the state root is inside it. */
export async function runForTest(
  argv: readonly string[],
  place: {
    readonly directory?: string;
    readonly environment?: Readonly<Record<string, string>>;
    readonly clock?: Clock;
  } = {},
): Promise<CommandResult> {
  const directory = place.directory ?? "/nonexistent";
  const texts = { stdout: "", stderr: "" };
  const signals = Object.assign(new EventEmitter(), { ppid: 1 });
  const exitCode = await runCommandLine({
    argv,
    environment: { FLYBALL_STATE: `${directory}/state`, ...place.environment },
    workingDirectory: directory,
    home: directory,
    userName: "ann",
    version: "1.2.3",
    stdout: { write: (text) => (texts.stdout += text) },
    stderr: { write: (text) => (texts.stderr += text) },
    signals,
    clock: place.clock ?? createFakeClock(1_700_000_000_000),
  });
  return { exitCode, ...texts };
}
