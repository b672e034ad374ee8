// Starts the fault proxy before the target program, on real sockets.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createTemporaryFolder } from "@flyball/fakes";

/** A wrapped program. */
export interface StartedProxy extends AsyncDisposable {
  readonly process: ChildProcess & { readonly pid: number };
  readonly url: string;
  readonly port: number;
  readonly socket: string;
  /** Of the program. */
  readonly programPid: number;
  readonly output: string[];
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

/** Resolves once the proxy answers. */
export async function startProxy(
  options: { readonly environment?: Readonly<Record<string, string>>; readonly argv?: readonly string[] } = {},
): Promise<StartedProxy> {
  const folder = await createTemporaryFolder("fbd-");
  const port = await findFreePort();
  const socket = join(folder.path, "fault.sock");
  const entry = join(import.meta.dirname, "fault-proxy-entry.ts");
  const program = options.argv ?? [process.execPath, join(import.meta.dirname, "target.mjs"), String(port)];
  const flags = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];
  const child = spawn(process.execPath, [...flags, entry, "--socket", socket, "--", ...program], {
    env: { PATH: process.env["PATH"], PORT: String(port), HOST: "127.0.0.1", ...options.environment },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  }) as ChildProcess & { readonly pid: number };
  const ended = once(child, "exit").then(([code, signal]) => ({ code, signal }) as Awaited<StartedProxy["ended"]>);
  const output: string[] = [];
  const lines = createInterface({ input: child.stdout! });
  lines.on("line", (line) => output.push(line));
  const dispose = async (): Promise<void> => {
    child.kill("SIGKILL");
    await ended;
    await folder.dispose();
  };
  const url = `http://127.0.0.1:${port}`;
  while (!(await isServing(url))) {
    if (child.exitCode !== null || child.signalCode !== null) break;
    await new Promise((resolve) => void setTimeout(resolve, 10));
  }
  const programPid = Number(/pid (\d+)/.exec(output.join("\n"))?.[1]);
  return { process: child, url, port, socket, programPid, output, ended, [Symbol.asyncDispose]: dispose };
}

/** A port that nobody listens on. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function isServing(url: string): Promise<boolean> {
  try {
    await (await fetch(`${url}/who`)).text();
    return true;
  } catch {
    return false;
  }
}
