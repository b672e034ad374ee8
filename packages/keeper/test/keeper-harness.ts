// Runs a real keeper in a temporary folder and gives tests what they wait for: its events, lines of log files, the end of processes.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { mkdtemp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stateLayout, type StateLayout } from "@flyball/core";
import {
  connectKeeper,
  findTaggedProcesses,
  sweepTaggedProcesses,
  type KeeperClient,
  type KeeperEvent,
  type KeptProcess,
  type SpawnRequest,
} from "@flyball/wire";

const ENTRY = fileURLToPath(new URL("./keeper-entry.ts", import.meta.url));
const NODE_FLAGS = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];

/** A keeper under test. */
export interface KeeperUnderTest {
  readonly layout: StateLayout;
  readonly folder: string;
  readonly prefix: string;
  readonly process: ChildProcess;
  /** Code and signal. */
  readonly exited: Promise<[number | null, string | null]>;
  connect(options?: { isOwner?: boolean; role?: "test" | "control" | "gateway" }): Promise<TestClient>;
  /** Starts another keeper of the same app in the same folder. */
  again(): Promise<KeeperUnderTest>;
  /** Writes a Node script and answers its command line. */
  script(name: string, source: string): Promise<string[]>;
  request(overrides: Partial<SpawnRequest> & Pick<SpawnRequest, "argv">): SpawnRequest;
  /** Lines of a log file, parsed by the caller, once `isEnough`. */
  logLines(path: string, isEnough: (lines: string[]) => boolean): Promise<string[]>;
  survivors(): Promise<number[]>;
  /** Ends all of it and removes the folder. */
  dispose(): Promise<void>;
}

/** A client that remembers events. */
export interface TestClient extends KeeperClient {
  readonly events: KeeperEvent[];
  /** The first event, past or to come, that fits. */
  until<E extends KeeperEvent>(isWanted: (event: KeeperEvent) => event is E): Promise<E>;
  untilAny(isWanted: (event: KeeperEvent) => boolean): Promise<KeeperEvent>;
  untilExited(process: KeptProcess): Promise<KeptProcess>;
}

/** foreground: it wants an owner. hasty: its timers run twenty times as fast. bare: it finds no programs of its own. */
export type KeeperMode = "foreground" | "hasty" | "bare";

/** Starts a keeper and waits until it answers. */
export async function startKeeperUnderTest(...modes: KeeperMode[]): Promise<KeeperUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), "fbk-"));
  const clone = Math.floor(Math.random() * 36 ** 6).toString(36);
  return launch({ folder, app: "t", clone, modes });
}

interface LaunchOptions {
  readonly folder: string;
  readonly app: string;
  readonly clone: string;
  readonly modes: readonly KeeperMode[];
}

async function launch(options: LaunchOptions): Promise<KeeperUnderTest> {
  const { folder, app, clone, modes } = options;
  const layout = stateLayout(join(folder, "s"), app, clone);
  const prefix = `${app}.${clone}/`;
  const argv = [...NODE_FLAGS, ENTRY, join(folder, "s"), app, clone, ...modes];
  const child = spawn(process.execPath, argv, {
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
    env: modes.includes("bare") ? { ...process.env, PATH: folder } : process.env,
  });
  const exited = once(child, "exit") as Promise<[number | null, string | null]>;
  await Promise.race([once(child.stdout, "data"), exited.then(() => Promise.reject(new Error("the keeper ended")))]);
  return {
    layout,
    folder,
    prefix,
    process: child,
    exited,
    connect: async (options = {}) =>
      withEvents(await connectKeeper({ path: layout.keeperSocket, role: "test", ...options })),
    again: () => launch(options),
    async script(name, source) {
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, source);
      return [process.execPath, path];
    },
    request: (overrides) => ({
      tag: `${prefix}service/0`,
      workingDirectory: folder,
      environment: { PATH: process.env["PATH"] ?? "" },
      log: { path: "service/0.log", maxBytes: 10_000_000, files: 2 },
      files: [],
      note: {},
      ...overrides,
    }),
    logLines: (path, isEnough) => untilLines(join(layout.logs, path), isEnough),
    survivors: async () => (await findTaggedProcesses({ tag: prefix })).map(({ stat }) => stat.pid),
    async dispose() {
      child.kill("SIGKILL");
      await exited;
      await sweepTaggedProcesses({ tag: prefix });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function withEvents(client: KeeperClient): TestClient {
  const events: KeeperEvent[] = [];
  const waiting = new Set<(event: KeeperEvent) => void>();
  client.onEvent((event) => {
    events.push(event);
    for (const look of waiting) look(event);
  });
  const untilAny = (isWanted: (event: KeeperEvent) => boolean): Promise<KeeperEvent> =>
    new Promise((resolve) => {
      const past = events.find(isWanted);
      if (past) return resolve(past);
      const look = (event: KeeperEvent): void => {
        if (!isWanted(event)) return;
        waiting.delete(look);
        resolve(event);
      };
      waiting.add(look);
    });
  return Object.assign(client, {
    events,
    untilAny,
    until: untilAny as TestClient["until"],
    async untilExited(wanted: KeptProcess) {
      const event = await untilAny(({ event, data }) => event === "process-exited" && data.key === wanted.key);
      return event.data as KeptProcess;
    },
  });
}

/** Reads the file again whenever its folder changes. */
async function untilLines(path: string, isEnough: (lines: string[]) => boolean): Promise<string[]> {
  await mkdir(dirname(path), { recursive: true });
  const changes = watch(dirname(path));
  try {
    for (;;) {
      const changed = once(changes, "change");
      const text = await readFile(path, "utf8").catch(() => "");
      const lines = text.split("\n").slice(0, -1);
      if (isEnough(lines)) return lines;
      await changed;
    }
  } finally {
    changes.close();
  }
}
