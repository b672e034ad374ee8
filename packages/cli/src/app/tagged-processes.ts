// What is left of an app whose keeper is gone or hangs: found by tag, never guessed by a program's name.
import { readdirSync, readFileSync } from "node:fs";
import { appTag } from "@flyball/core";
import { findTaggedProcesses, sweepTaggedProcesses } from "@flyball/wire";
import { KEEPER_TAG_VARIABLE } from "./keeper-process.ts";

/** A process that belongs to an app. */
export interface LeftoverProcess {
  readonly pid: number;
  /** `question/0`; `@keeper` for the keeper; absent for a process that hides its environment. */
  readonly instance?: string;
}

/** Everything of the app that runs, its keeper included; empty off Linux. */
export async function findLeftovers(app: string, clone: string): Promise<readonly LeftoverProcess[]> {
  const prefix = `${appTag(app, clone)}/`;
  const tagged = await findTaggedProcesses({ tag: prefix });
  const instances = tagged.map(({ stat, tag }) => ({
    pid: stat.pid,
    ...(tag === undefined ? {} : { instance: tag.slice(prefix.length) }),
  }));
  return [...findKeepers(appTag(app, clone)).map((pid) => ({ pid, instance: "@keeper" })), ...instances];
}

/** Ends all of it with SIGKILL, the keeper first so that it starts nothing again. Answers what was ended. */
export async function endLeftovers(app: string, clone: string): Promise<readonly LeftoverProcess[]> {
  const before = await findLeftovers(app, clone);
  for (const pid of findKeepers(appTag(app, clone))) tryKill(pid);
  const { killed } = await sweepTaggedProcesses({ tag: `${appTag(app, clone)}/` });
  const known = new Set(before.map(({ pid }) => pid));
  return [...before, ...killed.filter((pid) => !known.has(pid)).map((pid) => ({ pid }))];
}

function findKeepers(tag: string): readonly number[] {
  return listPids().filter(
    (pid) => pid !== process.pid && environmentOf(pid).includes(`${KEEPER_TAG_VARIABLE}=${tag}`),
  );
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function listPids(): readonly number[] {
  try {
    return readdirSync("/proc")
      .map(Number)
      .filter((pid) => pid > 0);
  } catch {
    return [];
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended in the meantime.
  }
}
