// Starts one process in a session of its own, so that a signal reaches its whole group, and keeps its output and its exit status.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { statSync } from "node:fs";
import type { Readable } from "node:stream";
import { FlyballError, INSTANCE_TAG_VARIABLE, type Clock, type ProcessIdentity } from "@flyball/core";
import { captureLines } from "../log/capture-lines.ts";
import type { LogFiles, LogFileSpec } from "../log/log-files.ts";
import { openOutputPipes } from "./open-output-pipes.ts";
import { readProcessIdentity } from "./process-stat.ts";

/** What to start. */
export interface ChildRequest {
  readonly tag: string;
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  /** The whole environment but for FLYBALL_INSTANCE. */
  readonly environment: Readonly<Record<string, string>>;
  /** How the program is named in an error; `argv[0]` unless set. */
  readonly label?: string | undefined;
  /** Passed on as descriptors 3, 4 and so on. */
  readonly descriptors?: readonly number[];
}

/** A process that was started. */
export interface Child {
  readonly identity: ProcessIdentity;
  readonly startedAt: number;
  /** Resolves once it has exited and its last lines are in the log, at most 100 ms later when others still hold its output. */
  readonly exited: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
    readonly at: number;
  }>;
  /** To its process group, or to it alone. False when it has exited or changed its user. Throws for a name that is no signal. */
  signal(name: string, scope: "group" | "process"): boolean;
}

/** Where its output goes: a log file, open for as long as anything writes to it. */
export interface ChildContext {
  readonly clock: Clock;
  readonly logFiles: LogFiles;
  readonly logFile: LogFileSpec;
}

const OUTPUT_GRACE_MS = 100;
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such program",
  EACCES: "not an executable file",
  E2BIG: "its arguments are too long",
  ERR_INVALID_ARG_VALUE: "an argument holds a NUL character",
};

/** Starts a process. Rejects with FB_KEEPER_SPAWN, in which stands no argument and nothing of the environment. */
export async function startChild(request: ChildRequest, context: ChildContext): Promise<Child> {
  const { clock, logFiles, logFile } = context;
  const { log, release } = logFiles.open(logFile);
  const { child, stdout, stderr } = await spawnProcess(request).catch((error: unknown) => {
    release();
    throw error;
  });
  const { pid } = child;
  const startedAt = clock.now();
  const flushes = [captureLines(stdout, "o", { clock, log }), captureLines(stderr, "e", { clock, log })];
  const closed = Promise.all([closeOf(stdout), closeOf(stderr)]).then(release);
  const exited = once(child, "exit").then(async ([code, signal]) => {
    const at = clock.now();
    const grace = new Promise<void>((resolve) => void clock.after(OUTPUT_GRACE_MS, resolve));
    await Promise.race([closed.then(() => log.flushed()), grace]);
    for (const flush of flushes) flush();
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, at };
  });
  const signal = (name: string, scope: "group" | "process"): boolean => {
    if (child.exitCode !== null || child.signalCode !== null) return false;
    return tryKill(scope === "group" ? -pid : pid, name);
  };
  return { identity: child.identity, startedAt, exited, signal };
}

interface Spawned {
  readonly child: ChildProcess & { readonly pid: number; readonly identity: ProcessIdentity };
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** Up to the spawn itself everything is done in one turn: what was permitted before the call still is. */
async function spawnProcess(request: ChildRequest): Promise<Spawned> {
  const { argv, workingDirectory, environment, tag, descriptors = [] } = request;
  const [command = "", ...rest] = argv;
  if (!statSync(workingDirectory, { throwIfNoEntry: false })?.isDirectory()) {
    throw spawnError(request, {}, `${workingDirectory} is not a folder`);
  }
  const pipes = openOutputPipes();
  let child: ChildProcess;
  try {
    child = spawn(command, rest, {
      cwd: workingDirectory,
      env: { ...environment, [INSTANCE_TAG_VARIABLE]: tag },
      detached: true,
      stdio: ["ignore", ...(pipes?.descriptors ?? (["pipe", "pipe"] as const)), ...descriptors],
    });
  } catch (error) {
    pipes?.stdout.destroy();
    pipes?.stderr.destroy();
    throw spawnError(request, error as NodeJS.ErrnoException);
  } finally {
    pipes?.closeDescriptors();
  }
  const stdout = pipes?.stdout ?? child.stdout!;
  const stderr = pipes?.stderr ?? child.stderr!;
  if (child.pid === undefined) {
    stdout.destroy();
    stderr.destroy();
    const [error] = (await once(child, "error")) as [NodeJS.ErrnoException];
    throw spawnError(request, error);
  }
  child.on("error", () => {});
  // Read at once: an exit is collected by the event loop, so until then even an ended process is still in /proc.
  const identity = readProcessIdentity(child.pid);
  return { child: Object.assign(child, { pid: child.pid, identity }), stdout, stderr };
}

function closeOf(stream: Readable): Promise<void> {
  return new Promise((resolve) => void stream.once("close", resolve));
}

function tryKill(pid: number, name: string): boolean {
  try {
    return process.kill(pid, name);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ESRCH" || code === "EPERM") return false;
    throw error;
  }
}

function spawnError(
  request: ChildRequest,
  { code = "unknown" }: { code?: string | undefined },
  reason?: string,
): FlyballError {
  const { argv, tag, label } = request;
  return new FlyballError("FB_KEEPER_SPAWN", {
    command: label ?? argv[0] ?? "nothing",
    reason: reason ?? `${REASONS[code] ?? "refused"} (${code})`,
    tag,
    errno: code,
  });
}
