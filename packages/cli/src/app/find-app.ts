// Which app a command is about: the one of the manifest here, else the only one that runs on this machine. The manifest itself is not
// read, so `ps` and `down` work while it is being edited.
import { relative } from "node:path";
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
 * The app that is meant, running or not. FB_CLI_NOT_RUNNING when it never ran here, FB_MANIFEST_NOT_FOUND when there is neither a
 * manifest nor a running app, FB_CLI_AMBIGUOUS_APP when several run.
 */
export async function findApp(place: AppPlace): Promise<FoundApp> {
  const records = listAppRecords(stateRoot(place.environment, place.home));
  const manifest = findManifest(place);
  if (manifest !== undefined) {
    const known = await withLiveness(records.filter((record) => record.clone === manifest.clone));
    const found = known.find((record) => record.isRunning) ?? known[0];
    if (found !== undefined) return found;
    throw new FlyballError("FB_CLI_NOT_RUNNING", {
      app: relative(place.workingDirectory, manifest.path) || MANIFEST_NAME,
    });
  }
  const running = (await withLiveness(records)).filter((record) => record.isRunning);
  const [only, ...others] = running;
  if (only === undefined)
    throw new FlyballError("FB_MANIFEST_NOT_FOUND", { path: `${place.workingDirectory}/${MANIFEST_NAME}` });
  if (others.length > 0) {
    const apps = running.map((record) => `${record.app} (${record.manifestPath})`).join(", ");
    throw new FlyballError("FB_CLI_AMBIGUOUS_APP", { apps, path: only.manifestPath });
  }
  return only;
}

/** The app that is meant, which must be running; FB_CLI_NOT_RUNNING otherwise. */
export async function findRunningApp(place: AppPlace): Promise<FoundApp> {
  const found = await findApp(place);
  if (!found.isRunning) throw new FlyballError("FB_CLI_NOT_RUNNING", { app: found.app });
  return found;
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
