// Several apps below one state root, each with a folder and a manifest of its own: what a person has who works on two things at once.
import { createControlClient, type ControlClient } from "@flyball/client";
import type { AppStatus } from "@flyball/core";
import { createTemporaryFolder, type TemporaryFolder } from "@flyball/fakes";
import { findTaggedProcesses } from "@flyball/wire";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT, type CommandResult } from "./app-rig.ts";
import { runCommand } from "./run-command.ts";

/** One app of a shared state root. */
export interface SharedApp {
  readonly manifestPath: string;
  flyball(...args: readonly string[]): Promise<CommandResult>;
  client(): ControlClient;
  status(): Promise<AppStatus>;
  /** `<root>/<app>.<clone>` of this manifest. */
  stateFolder(): string;
}

/** The shared state root. */
export interface SharedState {
  readonly folder: TemporaryFolder;
  /** Writes manifest and files into the folder `name`. */
  add(name: string, manifest: string, files: Readonly<Record<string, string>>): Promise<SharedApp>;
  /** Brings every app down; fails when anything that was started below the root is left. */
  dispose(): Promise<void>;
}

const COMMAND = join(CHECKOUT, "packages", "cli", "bin", "flyball.js");

/** Makes an empty state root. */
export async function createSharedState(): Promise<SharedState> {
  const folder = await createTemporaryFolder("fbs-");
  const root = join(folder.path, "state");
  const environment: NodeJS.ProcessEnv = { ...process.env, FLYBALL_STATE: root, LC_ALL: "C.UTF-8", NO_COLOR: "1" };
  delete environment["NODE_OPTIONS"];
  const apps: SharedApp[] = [];
  const names = (): readonly string[] => (existsSync(root) ? readdirSync(root) : []);
  return {
    folder,
    async add(name, manifest, files) {
      for (const [file, content] of Object.entries(files)) await folder.write(join(name, file), content);
      const manifestPath = await folder.write(join(name, "flyball.yaml"), manifest);
      const stateFolder = (): string => {
        const found = names().find((candidate) => recordedManifest(join(root, candidate)) === manifestPath);
        if (found === undefined) throw new Error(`${name} was never started`);
        return join(root, found);
      };
      const client = (): ControlClient => {
        const { url } = JSON.parse(readFileSync(join(stateFolder(), "control.json"), "utf8")) as { url: string };
        return createControlClient({ url, token: readFileSync(join(stateFolder(), "token"), "utf8").trim() });
      };
      const app: SharedApp = {
        manifestPath,
        stateFolder,
        client,
        status: async () => client().status(),
        flyball: (...args) =>
          runCommand([process.execPath, COMMAND, "-f", manifestPath, ...args], { cwd: folder.path, env: environment }),
      };
      apps.push(app);
      return app;
    },
    async dispose() {
      for (const app of apps) await app.flyball("down");
      const left = await Promise.all(
        names().map(async (name) =>
          (await findTaggedProcesses({ tag: `${name}/` })).map(({ stat }) => `${name} ${stat.pid}`),
        ),
      );
      await folder.dispose();
      if (left.flat().length > 0) throw new Error(`flyball down left processes:\n${left.flat().join("\n")}`);
    },
  };
}

function recordedManifest(folder: string): string | undefined {
  try {
    return (JSON.parse(readFileSync(join(folder, "app.json"), "utf8")) as { manifestPath: string }).manifestPath;
  } catch {
    return undefined;
  }
}
