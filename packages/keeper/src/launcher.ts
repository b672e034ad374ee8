// Starts the app's processes with what only the keeper has: the values of secrets, the bound listeners, the log files.
import { appTag, instanceTag, type Clock } from "@flyball/core";
import * as wire from "@flyball/wire";

/** Starts processes. Rejects with FB_KEEPER_SPAWN, FB_KEEPER_SECRET or FB_KEEPER_FAILED. */
export interface Launcher {
  spawn(request: wire.SpawnRequest): Promise<wire.Child>;
  /** One life of control or of a gateway. */
  startGeneration(request: wire.SystemProcessRequest, generation: number): Promise<wire.Child>;
}

const SYSTEM_LOG = { maxBytes: 8 * 1024 * 1024, files: 2 };

/** Creates a launcher; `gate` resolves when something may be started, and rejects when nothing may any more. */
export function createLauncher(options: {
  readonly app: string;
  readonly clone: string;
  readonly clock: Clock;
  readonly secrets: wire.SecretValues;
  readonly listeners: wire.BoundListeners;
  readonly logFiles: wire.LogFiles;
  readonly gate: () => Promise<void>;
}): Launcher {
  const { app, clone, clock, secrets, listeners, logFiles, gate } = options;
  const start = async (request: wire.ChildRequest, logFile: wire.LogFileSpec): Promise<wire.Child> => {
    const command = { ...request, ...secrets.revealCommand(request) };
    await gate();
    return wire.startChild(command, { clock, logFiles, logFile });
  };
  return {
    async spawn(request) {
      wire.checkTag(`${appTag(app, clone)}/`, request.tag);
      for (const { path, content } of request.files) await wire.replaceFile(path, secrets.reveal(content));
      return start(request, request.log);
    },
    startGeneration(request, generation) {
      const { name, copies } = request;
      const shared = listeners.share(request.listeners, copies);
      const environment = { ...request.environment, ...shared.environment, FLYBALL_GENERATION: String(generation) };
      const tag = instanceTag(app, clone, `@${name}`, name === "control" ? 0 : generation);
      const child = { ...request, tag, environment, descriptors: shared.descriptors };
      return start(child, { ...SYSTEM_LOG, path: `@${name}/0.log` });
    },
  };
}
