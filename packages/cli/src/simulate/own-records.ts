// The app's own past as a trace: the calls that stand in its ledger, so that a simulation needs no file. Journals of the gateway are imported
// about each second and then deleted; the ledger keeps 90 days.
import { existsSync } from "node:fs";
import { isFlyballError, type LedgerRecord } from "@flyball/core";
import { parseTrace, type Trace } from "@flyball/sim";
import { findApp, type FoundApp } from "../app/find-app.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { usageError } from "../messages/localised-error.ts";

/** The newest calls that take part; older ones do not. */
const MOST_RECORDS = 200_000;

/** The calls of the app of this folder, running or not; FB_CLI_USAGE when there is none here, or it never ran. */
export async function openOwnRecords(context: CommandContext): Promise<Trace> {
  const { app, layout } = await appOf(context);
  const records = existsSync(layout.store) ? await readRecords(layout.store) : [];
  const trace = parseTrace(`${app}.jsonl`, records.map((record) => JSON.stringify(record)).join("\n"));
  return { ...trace, name: app };
}

async function appOf(context: CommandContext): Promise<FoundApp> {
  try {
    return await findApp(context);
  } catch (error) {
    if (!isFlyballError(error)) throw error;
    if (error.code !== "FB_CLI_NOT_RUNNING" && error.code !== "FB_MANIFEST_NOT_FOUND") throw error;
    throw usageError("simulate.no-trace", {}, "flyball simulate --help");
  }
}

async function readRecords(path: string): Promise<readonly LedgerRecord[]> {
  const { readLedger } = await import("@flyball/control");
  return readLedger(path, MOST_RECORDS);
}
