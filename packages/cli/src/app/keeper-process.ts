// Starts the keeper in a session of its own, so that neither a closed terminal nor Ctrl-C reaches it, and waits until it answers.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { appTag, type Clock, FlyballError, isFlyballError, sleep } from "@flyball/core";
import { connectKeeper, type KeeperClient } from "@flyball/wire";
import { formatSystemArguments, type SystemArguments } from "../entries/system-arguments.ts";
import type { AppRecord } from "./app-record.ts";

/** Carries `<app>.<clone>` in the keeper's environment: a keeper that hangs is found by it. */
export const KEEPER_TAG_VARIABLE = "FLYBALL_KEEPER";

/** How to start it. */
export interface StartKeeperOptions {
  readonly record: AppRecord;
  readonly system: SystemArguments;
  /** The entry's command line without its arguments. */
  readonly entry: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

const POLL_MS = 20;
const START_LIMIT_MS = 15_000;

/** Starts a keeper and connects as the owner of the app. FB_CLI_KEEPER_FAILED with the log's last lines when it ends first. */
export async function startKeeper(options: StartKeeperOptions): Promise<KeeperClient> {
  const { record, clock } = options;
  const child = spawnKeeper(options);
  let ended: string | undefined;
  child.once("error", (error) => (ended = error.message));
  child.once("exit", (code, signal) => (ended = signal === null ? `exit code ${code}` : `signal ${signal}`));
  const deadline = clock.monotonic() + START_LIMIT_MS;
  for (;;) {
    try {
      return await connectKeeper({ path: record.layout.keeperSocket, role: "cli", isOwner: true });
    } catch (error) {
      if (!isFlyballError(error, "FB_KEEPER_UNREACHABLE")) throw error;
      if (ended !== undefined) throw startFailed(record, ended);
      if (clock.monotonic() > deadline) throw startFailed(record, `no answer in ${START_LIMIT_MS / 1_000} s`);
      await sleep(clock, POLL_MS);
    }
  }
}

function spawnKeeper({ record, system, entry, environment }: StartKeeperOptions): ChildProcess {
  const [program, ...words] = [...entry, ...formatSystemArguments(system)];
  if (program === undefined) throw new Error("the keeper's entry has no program");
  const log = openSync(record.layout.keeperLog, "a", 0o600);
  try {
    const child = spawn(program, words, {
      cwd: record.layout.directory,
      detached: true,
      stdio: ["ignore", log, log],
      env: { ...environment, [KEEPER_TAG_VARIABLE]: appTag(record.app, record.clone) },
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function startFailed(record: AppRecord, reason: string): FlyballError {
  const path = record.layout.keeperLog;
  return new FlyballError("FB_CLI_KEEPER_FAILED", { reason: `${reason}\n${lastLines(path, 10)}`, path });
}

function lastLines(path: string, count: number): string {
  try {
    return readFileSync(path, "utf8").trimEnd().split("\n").slice(-count).join("\n");
  } catch {
    return "";
  }
}
