// A gateway in a process of its own on sockets that the test holds, with a control that the test plays.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { LINK_PROTOCOL, type LinkFromGateway, type Signal, type Snapshot } from "@flyball/core";
import { listenJsonLines, type JsonLinesConnection } from "@flyball/wire";
import { bindListener, type TestListener } from "./bind-listener.ts";
import type { ProcessCommand } from "./process-commands.ts";

/** What a test wants. */
export interface RigOptions {
  /** Ids of listeners to bind. */
  readonly listeners?: readonly string[];
  readonly workers?: number;
  readonly spares?: number;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly drainMs?: number;
  /** Further variables of the gateway process. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Control does not listen; the snapshot is on disk. */
  readonly isControlAway?: boolean;
  /** The link of a control that the test runs elsewhere. */
  readonly linkSocket?: string;
}

/** One running gateway process. */
export interface GatewayProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ready: Promise<void>;
  /** Exit code or signal name. */
  readonly exited: Promise<number | string>;
  readonly log: () => string;
  /** What the process answers to a command. */
  tell<Answer>(command: ProcessCommand): Promise<Answer>;
}

/** Everything around gateways under test. */
export interface Rig {
  port(listener: string): number;
  url(listener: string, path?: string): string;
  start(generation?: number): GatewayProcess;
  /** Of the gateway started last. */
  readonly pid: number;
  readonly journalFolder: string;
  /** Sends a snapshot to every gateway and resolves when all have applied or one has refused it. */
  publish(snapshot: Snapshot): Promise<"applied" | string>;
  /** Sends without waiting. */
  send(snapshot: Snapshot): void;
  writeSnapshotFile(snapshot: Snapshot): Promise<void>;
  startControl(): Promise<void>;
  stopControl(): Promise<void>;
  readonly signals: Signal[];
  readonly messages: LinkFromGateway[];
  /** Resolves with the first message of a type, past or to come. */
  waitFor(type: LinkFromGateway["type"]): Promise<LinkFromGateway>;
  waitUntil(isTrue: () => boolean, what: string, limitMs?: number): Promise<void>;
  dispose(): Promise<void>;
}

const ENTRY = fileURLToPath(new URL("./process-entry.ts", import.meta.url));

/** Binds the sockets and plays control. */
export async function createRig(options: RigOptions = {}): Promise<Rig> {
  const directory = await mkdtemp(join(tmpdir(), "fb-gw-"));
  const workers = options.workers ?? 1;
  const listeners = new Map<string, TestListener>(
    (options.listeners ?? ["public"]).map((id) => [id, bindListener()]),
  );
  const connections = new Set<JsonLinesConnection>();
  const messages: LinkFromGateway[] = [];
  const signals: Signal[] = [];
  const watchers = new Set<() => void>();
  const processes: GatewayProcess[] = [];
  let latest: Snapshot | undefined;
  let control: { close(): Promise<void> } | undefined;
  const changed = (): void => {
    for (const watcher of watchers) watcher();
  };
  const startControl = async (): Promise<void> => {
    control = await listenJsonLines(join(directory, "link.sock"), (connection) => {
      connections.add(connection);
      connection.onClose(() => connections.delete(connection));
      connection.onMessage((value) => {
        const message = value as LinkFromGateway;
        messages.push(message);
        if (message.type === "hello") {
          connection.send({ type: "welcome", protocol: LINK_PROTOCOL });
          if (latest) connection.send({ type: "snapshot", snapshot: latest });
        }
        if (message.type === "signals") signals.push(...message.signals);
        changed();
      });
    });
  };
  if (!options.isControlAway && options.linkSocket === undefined) await startControl();
  const waitUntil = async (isTrue: () => boolean, what: string, limitMs = 8_000): Promise<void> => {
    const limit = performance.now() + limitMs;
    while (!isTrue()) {
      if (performance.now() > limit) throw new Error(`waited ${limitMs} ms for ${what}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, 10);
        function done(): void {
          watchers.delete(done);
          clearTimeout(timer);
          resolve();
        }
        watchers.add(done);
      });
    }
  };
  const rig: Rig = {
    signals,
    messages,
    journalFolder: join(directory, "journal"),
    get pid() {
      return processes.at(-1)?.pid as number;
    },
    port: (id) => listeners.get(id)?.port as number,
    url: (id, path = "/") => `http://127.0.0.1:${listeners.get(id)?.port}${path}`,
    start(generation = 1) {
      const started = spawnGateway({ directory, listeners, workers, generation, options });
      processes.push(started);
      return started;
    },
    send(snapshot) {
      latest = snapshot;
      for (const connection of connections) connection.send({ type: "snapshot", snapshot });
    },
    async publish(snapshot) {
      const from = messages.length;
      rig.send(snapshot);
      const answers = (): LinkFromGateway[] =>
        messages
          .slice(from)
          .filter(
            (message) =>
              (message.type === "snapshot-applied" || message.type === "snapshot-refused") &&
              message.version === snapshot.version,
          );
      await waitUntil(() => answers().length >= Math.max(1, connections.size), "an applied snapshot");
      const refused = answers().find((message) => message.type === "snapshot-refused");
      return refused?.type === "snapshot-refused" ? refused.reason : "applied";
    },
    writeSnapshotFile: (snapshot) =>
      writeFile(join(directory, "snapshot.json"), JSON.stringify(snapshot)),
    startControl,
    async stopControl() {
      await control?.close();
      control = undefined;
    },
    async waitFor(type) {
      await waitUntil(() => messages.some((message) => message.type === type), `${type} on the link`);
      return messages.find((message) => message.type === type) as LinkFromGateway;
    },
    waitUntil,
    async dispose() {
      for (const { child } of processes) child.kill("SIGKILL");
      await Promise.all(processes.map(({ exited }) => exited));
      await control?.close();
      for (const listener of listeners.values()) listener.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return rig;
}

interface SpawnOptions {
  readonly directory: string;
  readonly listeners: ReadonlyMap<string, TestListener>;
  readonly workers: number;
  readonly generation: number;
  readonly options: RigOptions;
}

function spawnGateway(from: SpawnOptions): GatewayProcess {
  const { directory, listeners, workers, generation, options } = from;
  const copies = workers + (options.spares ?? 1);
  const stdio: ("pipe" | number)[] = ["pipe", "pipe", "pipe"];
  const described = [...listeners].map(([id, { port, fd }]) => {
    const fds: number[] = [];
    for (let copy = 0; copy < copies; copy += 1) fds.push(stdio.push(fd) - 1);
    return { id, host: "127.0.0.1", port, fds };
  });
  const child = spawn(
    process.execPath,
    ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning", ENTRY],
    {
      stdio,
      env: {
        ...process.env,
        ...options.environment,
        FLYBALL_LISTENERS: JSON.stringify(described),
        FLYBALL_GENERATION: String(generation),
        TEST_WORKERS: String(workers),
        TEST_JOURNAL_FOLDER: join(directory, "journal"),
        TEST_LINK_SOCKET: options.linkSocket ?? join(directory, "link.sock"),
        TEST_SNAPSHOT_FILE: join(directory, "snapshot.json"),
        TEST_SECRETS: JSON.stringify(options.secrets ?? {}),
        TEST_DRAIN_MS: String(options.drainMs ?? 5_000),
      },
    },
  );
  let log = "";
  child.stderr?.on("data", (chunk: Buffer) => (log += chunk.toString()));
  const answers = new Map<number, (answer: unknown) => void>();
  let asked = 0;
  const ready = new Promise<void>((resolve, reject) => {
    createInterface({ input: child.stdout as Readable }).on("line", (line) => {
      if (line === "ready") resolve();
      if (!line.startsWith("{")) return;
      const { id, answer } = JSON.parse(line) as { readonly id: number; readonly answer: unknown };
      answers.get(id)?.(answer);
      answers.delete(id);
    });
    child.once("exit", () => reject(new Error(`the gateway ended before it was ready:\n${log}`)));
  });
  ready.catch(() => undefined);
  const exited = once(child, "exit").then(
    ([code, signal]) => (code as number | null) ?? (signal as string),
  );
  child.stdin?.on("error", () => undefined);
  return {
    child,
    pid: child.pid as number,
    ready,
    exited,
    log: () => log,
    tell: <Answer>(command: ProcessCommand) =>
      new Promise<Answer>((resolve) => {
        asked += 1;
        answers.set(asked, resolve as (answer: unknown) => void);
        child.stdin?.write(`${JSON.stringify({ id: asked, command })}\n`);
      }),
  };
}
