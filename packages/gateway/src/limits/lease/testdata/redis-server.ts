// A real store for tests: redis-server, when this machine has it. It can be stopped in the middle (SIGSTOP), killed and started again.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { createConnection, createServer, type AddressInfo } from "node:net";
import { delimiter, join } from "node:path";

/** Whether redis-server is installed; tests that need it are skipped by name where it is not. */
export const HAS_REDIS = isInstalled("redis-server");
/** Behind the names of such tests. */
export const REDIS_HINT = HAS_REDIS ? "" : " (skipped: install redis-server, e.g. apt-get install redis-server)";

/** A running store. */
export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** It takes connections and answers nothing. */
  pause(): void;
  resume(): void;
  /** kill −9; everything that it knew is lost. */
  kill(): Promise<void>;
  /** Again on the same port, empty. */
  start(): Promise<void>;
  dispose(): Promise<void>;
}

/** Starts one on a free port of loopback, without a file. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort();
  let child: ChildProcess | undefined;
  const server: RedisServer = {
    port,
    url: `redis://127.0.0.1:${port}`,
    pause: () => void child?.kill("SIGSTOP"),
    resume: () => void child?.kill("SIGCONT"),
    async kill() {
      const ended = child;
      child = undefined;
      if (!ended || ended.exitCode !== null || ended.signalCode !== null) return;
      ended.kill("SIGKILL");
      await once(ended, "exit");
    },
    async start() {
      const where = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
      child = spawn("redis-server", [...where, ...settings], { stdio: "ignore" });
      await accepts(port);
    },
    dispose: () => server.kill(),
  };
  await server.start();
  return server;
}

function isInstalled(program: string): boolean {
  return (process.env["PATH"] ?? "").split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function accepts(port: number): Promise<void> {
  const limit = performance.now() + 10_000;
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = createConnection(port, "127.0.0.1", () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    if (isOpen) return;
    if (performance.now() > limit) throw new Error("redis-server does not come up");
    await new Promise<void>((resolve) => void setTimeout(resolve, 10));
  }
}
