// A command that goes on until it is told to end: its output while it runs, its exit code at the end.
import type { ChildProcess } from "node:child_process";

/** A running command. */
export interface FollowedCommand {
  readonly child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** Whole lines of stdout so far. */
  lines(): readonly string[];
  /** Resolves once it has exited and its output is complete. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Sends the signal and resolves with the exit code; undefined when it ended by the signal. */
  end(signal: NodeJS.Signals): Promise<number | undefined>;
}

/** Follows a child that was started with pipes. */
export function followCommand(child: ChildProcess): FollowedCommand {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
  });
  return {
    child,
    stdout: () => stdout,
    stderr: () => stderr,
    lines: () => stdout.split("\n").slice(0, -1),
    ended,
    async end(signal) {
      child.kill(signal);
      return (await ended).code ?? undefined;
    },
  };
}
