// Loaded before a program (`node --import`): puts write points into node:fs and node:sqlite and makes the fault that the environment asks for.
// What is said on the standard output is no write point.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { DatabaseSync, StatementSync } from "node:sqlite";
import { DISK_FAULT_VARIABLE, type DiskFault } from "./disk-fault.ts";

const FIRST_FILE = 3;
const text = process.env[DISK_FAULT_VARIABLE];
const fault = text === undefined ? undefined : (JSON.parse(text) as DiskFault);
let point = 0;
let isFull = false;
process.on("SIGUSR2", () => (isFull = false));

/** Takes no room: a full disk does it all the same. */
const FREES = /^(rm|unlink|truncate|ftruncate)/;

/** Passes a write point, or does not come back from it, or throws. `torn` lets some bytes of the write through first. */
function pass(what: string, torn?: (bytes: number) => void): void {
  point += 1;
  if (fault === undefined || (point !== fault.at && !isFull)) return;
  if (fault.what === "ENOSPC" && FREES.test(what)) return;
  if ((fault.bytes ?? 0) > 0) torn?.(fault.bytes ?? 0);
  if (fault.what === "kill") {
    process.kill(process.pid, "SIGKILL");
    // The signal takes effect when the system call returns, on whatever thread: nothing else may be written.
    for (;;);
  }
  isFull = fault.lasts === true;
  throw what.startsWith("sql ") ? databaseError(fault.what) : systemError(fault.what, what);
}

function systemError(code: string, what: string): Error {
  return Object.assign(new Error(`${code}: fake disk, ${what}`), { code });
}

/** As SQLite says it. */
function databaseError(code: string): Error {
  const isFullDisk = code === "ENOSPC";
  const errcode = isFullDisk ? 13 : 8;
  const message = isFullDisk ? "database or disk is full" : "attempt to write a readonly database";
  return Object.assign(new Error(message), { code: "ERR_SQLITE_ERROR", errcode });
}

function bytesOf(data: unknown): Buffer {
  return typeof data === "string" ? Buffer.from(data) : Buffer.from(data as Uint8Array);
}

interface WriteOptions {
  readonly mode?: number;
  readonly flag?: string;
  readonly flush?: boolean;
}

const real = { ...fs };

/** In the steps that Node makes of it. */
function writeFileInSteps(path: fs.PathLike | number, data: unknown, options: WriteOptions | string | null = {}): void {
  const { mode = 0o666, flag = "w", flush = false } = typeof options === "object" && options !== null ? options : {};
  const bytes = bytesOf(data);
  if (typeof path !== "number") pass(`open ${String(path)}`);
  const descriptor = typeof path === "number" ? path : real.openSync(path, flag, mode);
  try {
    pass(`write ${String(path)}`, (count) => real.writeSync(descriptor, bytes.subarray(0, count)));
    for (let offset = 0; offset < bytes.length;) offset += real.writeSync(descriptor, bytes, offset);
    if (flush) {
      pass(`flush ${String(path)}`);
      real.fsyncSync(descriptor);
    }
  } finally {
    if (typeof path !== "number") real.closeSync(descriptor);
  }
}

fs.writeFileSync = ((path: fs.PathLike | number, data: unknown, options?: WriteOptions) =>
  path === 1 || path === 2 ? real.writeSync(path, bytesOf(data)) : writeFileInSteps(path, data, options)) as never;
fs.promises.writeFile = (async (path: fs.PathLike, data: unknown, options?: WriteOptions) =>
  writeFileInSteps(path, data, options)) as never;
fs.writeSync = (descriptor: number, data: unknown, ...rest: unknown[]) => {
  if (descriptor >= FIRST_FILE)
    pass(`write ${descriptor}`, (count) => real.writeSync(descriptor, bytesOf(data).subarray(0, count)));
  return (real.writeSync as (...all: unknown[]) => number)(descriptor, data, ...rest);
};
fs.write = ((descriptor: number, data: Buffer, offset: number, length: number, position: null, done: unknown) => {
  const callback = done as (error: Error | null, written: number) => void;
  const failing = { bytes: 0 };
  try {
    pass(`write ${descriptor}`, (count) => {
      failing.bytes = real.writeSync(descriptor, data, offset, Math.min(count, length));
    });
  } catch (error) {
    // As the system does it: what fitted is told first, the error comes with the next write.
    if (failing.bytes > 0) setImmediate(callback, null, failing.bytes);
    else setImmediate(callback, error as Error, 0);
    return;
  }
  real.write(descriptor, data, offset, length, position, callback);
}) as never;

/** Functions whose first argument names what is changed. */
for (const name of [
  "copyFileSync",
  "fsyncSync",
  "ftruncateSync",
  "linkSync",
  "renameSync",
  "rmSync",
  "truncateSync",
  "unlinkSync",
] as const) {
  const original = real[name] as (...all: unknown[]) => unknown;
  fs[name] = (...all: unknown[]) => {
    pass(`${name} ${String(all[0])}`);
    return original(...all);
  };
}
const promises = { ...fs.promises };
for (const name of ["copyFile", "link", "rename", "rm", "truncate", "unlink"] as const) {
  const original = promises[name] as (...all: unknown[]) => Promise<unknown>;
  fs.promises[name] = (async (...all: unknown[]) => {
    pass(`${name} ${String(all[0])}`);
    return original(...all);
  }) as never;
}
fs.openSync = ((path: fs.PathLike, flags: string | number = "r", mode?: number) => {
  if (typeof flags === "string" && /[wa+]/.test(flags)) pass(`open ${String(path)}`);
  return real.openSync(path, flags, mode);
}) as never;

/** Statements that change something, and the end of a transaction that does. To begin one, or to undo it, writes nothing. */
const CHANGES = /^\s*(insert|update|delete|replace|create|alter|drop|commit|pragma user_version)/i;
const exec = DatabaseSync.prototype.exec;
DatabaseSync.prototype.exec = function (sql) {
  if (CHANGES.test(sql)) pass(`sql ${sql.slice(0, 60)}`);
  exec.call(this, sql);
};
for (const name of ["run", "get", "all"] as const) {
  const original = StatementSync.prototype[name] as (...all: never[]) => unknown;
  StatementSync.prototype[name] = function (this: StatementSync, ...all: never[]) {
    if (CHANGES.test(this.sourceSQL)) pass(`sql ${this.sourceSQL.slice(0, 60)}`);
    return original.apply(this, all);
  } as never;
}
syncBuiltinESMExports();
