// Two replicas on fixed ports under plain restart supervision, as a unit of systemd with Restart=always: what ends is started again after 100 ms
// (RestartSec), and nothing else is looked at.
import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Bench } from "../../gateway/bench.ts";
import { freePort } from "../../gateway/machine/free-port.ts";
import { untilAnswered } from "./until-answered.ts";
import type { Replica } from "./peer.ts";

const RESTART_MS = 100;
/** The app. */
export const APP_FILE = join(import.meta.dirname, "serve-app.mjs");

/** The two replicas. */
export interface SupervisedApp {
  readonly ports: readonly number[];
  replicas(): readonly Replica[];
  stop(): Promise<void>;
}

/** Starts them and waits until both answer. */
export async function startSupervisedApp(bench: Bench): Promise<SupervisedApp> {
  bench.cleanUp.requireOpen();
  const ports = [await freePort(), await freePort()];
  const children: (ChildProcess | undefined)[] = [];
  let isEnding = false;
  const keep = (index: number): void => {
    if (isEnding) return;
    const environment = { ...process.env, HOST: "127.0.0.1", PORT: String(ports[index]) };
    const child = spawn(process.execPath, [APP_FILE], { env: environment, stdio: "ignore" });
    children[index] = child;
    child.once("exit", () => void delay(RESTART_MS).then(() => keep(index)));
  };
  ports.forEach((_, index) => keep(index));
  const stop = bench.cleanUp.defer(async () => {
    isEnding = true;
    for (const child of children) child?.kill("SIGKILL");
  });
  await Promise.all(ports.map((port) => untilAnswered(`http://127.0.0.1:${port}/`)));
  return {
    ports,
    replicas: () =>
      children.flatMap((child) => (child?.pid === undefined ? [] : [{ pid: child.pid, says: String(child.pid) }])),
    stop,
  };
}
