// Runs a program in the place of this one: same terminal, signals passed on, same end. npm puts a shell in between that may die without
// passing a signal on, and npm itself may be killed; the program must end in either case, so the chain of parents is watched.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
const CHECK_PARENTS_MS = 500;

/** Resolves with the exit code; when a signal ended the program, this process ends by the same signal. */
export function runInForeground(program, words, { environment, cwd }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { stdio: "inherit", env: environment, cwd });
    const received = new Set();
    const handlers = SIGNALS.map((name) => [name, () => (received.add(name), child.kill(name))]);
    for (const [name, handler] of handlers) process.on(name, handler);
    const stopWatching = watchParents(() => child.kill("SIGTERM"));
    const release = () => {
      stopWatching();
      for (const [name, handler] of handlers) process.off(name, handler);
    };
    child.once("error", (error) => {
      release();
      reject(error);
    });
    child.once("exit", (code, signal) => {
      release();
      // An interrupted program reports 130; dying by SIGINT tells shells and npm the same, and npm then prints no error report.
      const endedBy = signal ?? (code === 130 && received.has("SIGINT") ? "SIGINT" : undefined);
      if (endedBy === undefined) resolve(code);
      else process.kill(process.pid, endedBy);
    });
  });
}

/** Calls back once when a parent is gone: this process's own, or under npm the one above the shell. */
function watchParents(onOrphaned) {
  const parent = process.ppid;
  const grandparent = process.env.npm_lifecycle_event === undefined ? undefined : parentOf(parent);
  const timer = setInterval(() => {
    const isOrphaned = process.ppid !== parent || (grandparent !== undefined && parentOf(parent) !== grandparent);
    if (!isOrphaned) return;
    clearInterval(timer);
    onOrphaned();
  }, CHECK_PARENTS_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** The parent of a process; undefined where it cannot be read. */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}
