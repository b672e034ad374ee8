// A small file in the state folder that says which manifest an app came from, so that commands find a running app without its manifest.
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { FlyballError, socketPathFits, type StateLayout, stateLayout } from "@flyball/core";
import { replaceFileSync, sweepUnfinished } from "@flyball/wire";
import { localisedError, localText } from "../messages/localised-error.ts";

/** An app that was started on this machine at some time. */
export interface AppRecord {
  readonly app: string;
  readonly clone: string;
  readonly manifestPath: string;
  readonly layout: StateLayout;
  /** When it was last started, in wall milliseconds. */
  readonly startedAt: number;
}

const RECORD_NAME = "app.json";

/** Makes the state folder (mode 0700) and writes the record. FB_CLI_STATE_UNUSABLE when that cannot be. */
export function prepareStateFolder(record: AppRecord): void {
  const { layout, app, clone, manifestPath, startedAt } = record;
  for (const socket of [layout.keeperSocket, layout.linkSocket]) {
    if (socketPathFits(socket)) continue;
    const bytes = Buffer.byteLength(socket);
    throw localisedError(
      "FB_CLI_STATE_UNUSABLE",
      { reason: localText("state.socket-too-long", { bytes }) },
      { path: layout.directory },
    );
  }
  try {
    mkdirSync(layout.directory, { recursive: true, mode: 0o700 });
    chmodSync(layout.directory, 0o700);
    for (const folder of [layout.logs, layout.volumes, layout.run]) mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const folder of [layout.directory, layout.journalFolder]) sweepUnfinished(folder);
    replaceFileSync(
      join(layout.directory, RECORD_NAME),
      `${JSON.stringify({ app, clone, manifestPath, startedAt })}\n`,
    );
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new FlyballError("FB_CLI_STATE_UNUSABLE", { path: layout.directory, reason }, cause);
  }
}

/** Every app with a record below the state root, the one started last first. A folder that cannot be read is left out. */
export function listAppRecords(root: string): readonly AppRecord[] {
  let names: readonly string[];
  try {
    names = readdirSync(root);
  } catch {
    return [];
  }
  return names
    .map((name) => readRecord(root, name))
    .filter((record): record is AppRecord => record !== undefined)
    .toSorted((a, b) => b.startedAt - a.startedAt);
}

function readRecord(root: string, name: string): AppRecord | undefined {
  const path = join(root, name, RECORD_NAME);
  try {
    if (!statSync(path).isFile()) return undefined;
    const { app, clone, manifestPath, startedAt } = JSON.parse(readFileSync(path, "utf8")) as Omit<AppRecord, "layout">;
    if (`${app}.${clone}` !== name) return undefined;
    return { app, clone, manifestPath, startedAt, layout: stateLayout(root, app, clone) };
  } catch {
    return undefined;
  }
}
