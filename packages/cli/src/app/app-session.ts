// A keeper and a control to talk to: those of the app that runs already, or new ones.
import type { ControlClient } from "@flyball/client";
import { isFlyballError, stateLayout, stateRoot } from "@flyball/core";
import { connectKeeper, type KeeperClient } from "@flyball/wire";
import type { CommandContext } from "../command-line/command-context.ts";
import type { SystemArguments } from "../entries/system-arguments.ts";
import { entryPoint } from "../entry-points.ts";
import { type AppRecord, prepareStateFolder } from "./app-record.ts";
import { collectSecrets, secretVariables } from "./collect-secrets.ts";
import { startKeeper } from "./keeper-process.ts";
import { connectControl, CONTROL_PATIENCE_MS } from "./open-control.ts";
import type { ReadManifest } from "./read-manifest.ts";
import { putSecrets, startControl, type StartControlOptions } from "./start-control.ts";

/** An app that can be talked to. */
export interface AppSession {
  readonly record: AppRecord;
  readonly keeper: KeeperClient;
  readonly control: ControlClient;
  /** true: this command started the keeper and the app ends with its connection unless it is detached. */
  readonly isOwner: boolean;
}

/** How to open it. */
export interface OpenSessionOptions {
  readonly context: CommandContext;
  readonly manifest: ReadManifest;
  /** The app is to end with this command. */
  readonly isForeground: boolean;
  /** Called with the keeper as soon as there is one, so that an interruption can end it. */
  readonly onKeeper: (keeper: KeeperClient, isOwner: boolean) => void;
}

/**
 * Connects to the running app, or starts keeper and control. The new keeper first ends what an earlier one left. A secret without a
 * value is found before anything is started.
 */
export async function openSession(options: OpenSessionOptions): Promise<AppSession> {
  const { context, manifest, isForeground, onKeeper } = options;
  const { spec, usedVariables, directory } = manifest;
  const { environment, clock, userName, commandLine } = context;
  const root = stateRoot(environment, context.home);
  const layout = stateLayout(root, spec.name, manifest.clone);
  const names = { app: spec.name, clone: manifest.clone, manifestPath: manifest.path };
  const record: AppRecord = { ...names, layout, startedAt: clock.now() };
  const system: SystemArguments = { ...names, stateRoot: root, isForeground };
  const secretValues = collectSecrets(spec, { environment, directory });
  const asked = { clock, userName, commandLine };
  const controlParts = { record, system, spec, usedVariables, secretValues, environment, ...asked };
  const running = await connectToRunning(record);
  if (running !== undefined) {
    onKeeper(running, false);
    const control = await controlOfRunning({ ...controlParts, keeper: running, entry: entryPoint("control") });
    return { record, keeper: running, control, isOwner: false };
  }
  prepareStateFolder(record);
  // It holds the values of secrets, but in its memory: an environment can be read from outside for as long as its process lives.
  const hidden = new Set(secretVariables(spec));
  const shown = Object.fromEntries(Object.entries(environment).filter(([name]) => !hidden.has(name)));
  const keeper = await startKeeper({ record, system, entry: entryPoint("keeper"), environment: shown, clock });
  onKeeper(keeper, true);
  const control = await startControl({ ...controlParts, keeper, entry: entryPoint("control") });
  return { record, keeper, control, isOwner: true };
}

async function connectToRunning(record: AppRecord): Promise<KeeperClient | undefined> {
  try {
    return await connectKeeper({ path: record.layout.keeperSocket, role: "cli" });
  } catch (error) {
    if (isFlyballError(error, "FB_KEEPER_UNREACHABLE")) return undefined;
    throw error;
  }
}

/** A keeper without control is left by an `up` that was interrupted. */
async function controlOfRunning(options: StartControlOptions): Promise<ControlClient> {
  const { processes } = await options.keeper.call("system-list", {});
  if (!processes.some(({ name }) => name === "control")) return await startControl(options);
  await putSecrets(options);
  const { record, clock, userName, commandLine } = options;
  return await connectControl({ layout: record.layout, clock, userName, commandLine, patienceMs: CONTROL_PATIENCE_MS });
}
