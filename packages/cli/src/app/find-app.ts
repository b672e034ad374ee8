// Which app a command is about: the one of the manifest here, else the only one that runs on this machine. The manifest itself is not
// read, so `ps` and `down` work while it is being edited.
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { FlyballError, stateRoot } from "@flyball/core";
import { connectKeeper } from "@flyball/wire";
import type { CommandContext } from "../command-line/command-context.ts";
import { type AppRecord, listAppRecords } from "./app-record.ts";
import { findManifest, MANIFEST_NAME } from "./locate-manifest.ts";

/** What `findApp` needs of the context. */
export type AppPlace = Pick<CommandContext, "environment" | "home" | "manifestOption" | "workingDirectory">;

/** A known app and whether its keeper answers. */
export interface FoundApp extends AppRecord {
  readonly isRunning: boolean;
}

/**
 * The app that is meant, running or not. FB_CLI_NOT_RUNNING when it never ran here, or when none runs and one of a folder below did;
 * FB_MANIFEST_NOT_FOUND when there is no manifest and nothing is known, FB_CLI_AMBIGUOUS_APP when several run.
 */
export async function findApp(place: AppPlace): Promise<FoundApp> {
  const records = listAppRecords(stateRoot(place.environment, place.home));
  const manifest = findManifest(place);
  if (manifest !== undefined) {
    const known = await withLiveness(records.filter((record) => record.clone === manifest.clone));
    const found = known.find((record) => record.isRunning) ?? known[0];
    if (found !== undefined) return found;
    const app = relative(place.workingDirectory, manifest.path) || MANIFEST_NAME;
    throw notRunning(app, place);
  }
  const running = (await withLiveness(records)).filter((record) => record.isRunning);
  const [only, ...others] = running;
  if (only === undefined) throw noneRuns(place, records);
  if (others.length > 0) {
    const apps = running.map((record) => `${record.app} (${record.manifestPath})`).join(", ");
    throw new FlyballError("FB_CLI_AMBIGUOUS_APP", { apps, path: only.manifestPath });
  }
  return only;
}

/** The app that is meant, which must be running; FB_CLI_NOT_RUNNING otherwise. */
export async function findRunningApp(place: AppPlace): Promise<FoundApp> {
  const found = await findApp(place);
  if (!found.isRunning) throw notRunning(found.app, place);
  return found;
}

/** Without a manifest here, one that ran from a folder below is meant: while it ran, it was found from here too. */
function noneRuns(place: AppPlace, records: readonly AppRecord[]): FlyballError {
  const { workingDirectory } = place;
  const below = records.find(
    ({ manifestPath }) => manifestPath.startsWith(join(workingDirectory, "/")) && existsSync(manifestPath),
  );
  if (below === undefined)
    return new FlyballError("FB_MANIFEST_NOT_FOUND", { path: join(workingDirectory, MANIFEST_NAME) });
  const manifestOption = relative(workingDirectory, below.manifestPath);
  return notRunning(below.app, { manifestOption });
}

/** FB_CLI_NOT_RUNNING with the command that starts the app from here. */
export function notRunning(app: string, { manifestOption }: Pick<AppPlace, "manifestOption">): FlyballError {
  const command = manifestOption === undefined ? "flyball up" : `flyball --file ${manifestOption} up`;
  return new FlyballError("FB_CLI_NOT_RUNNING", { app, command });
}

/** Whether a keeper answers on the socket. */
export async function isKeeperAlive(socket: string): Promise<boolean> {
  try {
    const keeper = await connectKeeper({ path: socket, role: "cli", signal: AbortSignal.timeout(2_000) });
    keeper.close();
    return true;
  } catch (error) {
    return error instanceof FlyballError && error.code === "FB_KEEPER_PROTOCOL";
  }
}

async function withLiveness(records: readonly AppRecord[]): Promise<readonly FoundApp[]> {
  return await Promise.all(
    records.map(async (record) => ({ ...record, isRunning: await isKeeperAlive(record.layout.keeperSocket) })),
  );
}
