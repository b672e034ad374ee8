// A real keeper in a process of its own, in a temporary folder. It is owned by this connection, so it ends with the test's process.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stateLayout, type StateLayout } from "@flyball/core";
import { connectKeeper, type KeeperClient } from "@flyball/wire";

/** A keeper under test. */
export interface TestKeeper {
  readonly layout: StateLayout;
  readonly owner: KeeperClient;
  readonly pid: number;
  connect(): Promise<KeeperClient>;
  /** Ends the keeper with all it started, and removes the folder. */
  dispose(): Promise<void>;
}

/** Resolves when the keeper answers. */
export async function startTestKeeper(app: string, clone: string): Promise<TestKeeper> {
  const root = await realpath(await mkdtemp(join(tmpdir(), "fb-")));
  const layout = stateLayout(root, app, clone);
  const entry = join(import.meta.dirname, "keeper-entry.ts");
  const flags = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...flags, entry, root, app, clone], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const ready = once(child.stdout, "data").then(() => true);
  if (!(await Promise.race([ready, exited.then(() => false)]))) throw new Error("the keeper did not start");
  const owner = await connectKeeper({ path: layout.keeperSocket, role: "test", isOwner: true });
  const clients: KeeperClient[] = [];
  return {
    layout,
    owner,
    pid: child.pid ?? 0,
    async connect() {
      const client = await connectKeeper({ path: layout.keeperSocket, role: "test" });
      clients.push(client);
      return client;
    },
    async dispose() {
      await owner.call("shutdown", { graceMs: 0 }).catch(() => {});
      for (const client of [...clients, owner]) client.close();
      await exited;
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
