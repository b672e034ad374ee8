// A keeper and a control to talk to: those of the app that runs already, or new ones.
import type { ControlClient } from "@flyball/client";
import { isFlyballError, stateLayout, stateRoot } from "@flyball/core";
import { connectKeeper, type KeeperClient } from "@flyball/wire";
import type { CommandContext } from "../command-line/command-context.ts";
import { entryPoint } from "../entry-points.ts";
import { type AppRecord, prepareStateFolder } from "./app-record.ts";
import type { SecretPlace } from "./collect-secrets.ts";
import { startKeeper } from "./keeper-process.ts";
import { connectControl, CONTROL_PATIENCE_MS } from "./open-control.ts";
import type { ReadManifest } from "./read-manifest.ts";
import { putSecrets, startControl } from "./start-control.ts";

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

/** Connects to the running app, or starts keeper and control. The new keeper first ends what an earlier one left. */
export async function openSession(options: OpenSessionOptions): Promise<AppSession> {
  const { context, manifest, onKeeper } = options;
  const { spec, usedVariables } = manifest;
  const root = stateRoot(context.environment, context.home);
  const record: AppRecord = {
    app: spec.name,
    clone: manifest.clone,
    manifestPath: manifest.path,
    layout: stateLayout(root, spec.name, manifest.clone),
    startedAt: context.clock.now(),
  };
  const secrets: SecretPlace = { environment: context.environment, directory: manifest.directory };
  const running = await connectToRunning(record);
  if (running !== undefined) {
    onKeeper(running, false);
    const control = await controlOfRunning({ ...options, record, keeper: running, secrets });
    return { record, keeper: running, control, isOwner: false };
  }
  prepareStateFolder(record);
  const system = systemArguments(options, record, root);
  const keeper = await startKeeper({
    record,
    system,
    entry: entryPoint("keeper"),
    environment: context.environment,
    clock: context.clock,
  });
  onKeeper(keeper, true);
  const control = await startControl({
    keeper,
    record,
    system,
    spec,
    usedVariables,
    secrets,
    entry: entryPoint("control"),
    clock: context.clock,
    userName: context.userName,
  });
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

async function controlOfRunning(
  options: OpenSessionOptions & {
    readonly record: AppRecord;
    readonly keeper: KeeperClient;
    readonly secrets: SecretPlace;
  },
): Promise<ControlClient> {
  const { context, manifest, record, keeper, secrets } = options;
  const { clock } = context;
  const { processes } = await keeper.call("system-list", {});
  if (processes.some(({ name }) => name === "control")) {
    await putSecrets({ keeper, record, spec: manifest.spec, secrets });
    return await connectControl({ ...context, layout: record.layout, patienceMs: CONTROL_PATIENCE_MS });
  }
  const system = systemArguments(options, record, stateRoot(context.environment, context.home));
  const { spec, usedVariables } = manifest;
  return await startControl({
    keeper,
    record,
    system,
    spec,
    usedVariables,
    secrets,
    entry: entryPoint("control"),
    clock,
    userName: context.userName,
  });
}

function systemArguments(
  { manifest, isForeground }: OpenSessionOptions,
  record: AppRecord,
  root: string,
): { app: string; clone: string; stateRoot: string; manifestPath: string; isForeground: boolean } {
  return { app: record.app, clone: record.clone, stateRoot: root, manifestPath: manifest.path, isForeground };
}
