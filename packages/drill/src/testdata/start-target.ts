// A victim: the target program by itself.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { readProcessIdentity } from "@flyball/wire";
import type { Victim } from "../injector.ts";
import { findFreePort } from "./start-proxy.ts";

/** A program that listens. */
export interface StartedTarget extends AsyncDisposable {
  readonly url: string;
  readonly victim: Victim;
}

/** Resolves once it listens. `file`: of testdata. */
export async function startTarget(file = "target.mjs"): Promise<StartedTarget> {
  const port = await findFreePort();
  const child = spawn(process.execPath, [join(import.meta.dirname, file), String(port)], {
    env: { HOST: "127.0.0.1", PATH: process.env["PATH"] },
    stdio: ["ignore", "pipe", "ignore"],
  });
  await once(child.stdout, "data");
  const host = "127.0.0.1";
  const victim = { service: "a", processes: [readProcessIdentity(child.pid!)], address: { host, port } };
  const dispose = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { url: `http://${host}:${port}`, victim, [Symbol.asyncDispose]: dispose };
}
