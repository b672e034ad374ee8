// A governed app for end-to-end tests: the real command line, real processes, a state folder and a manifest of the test's own. Everything
// is ended by `dispose`, and `leftovers` proves it.
import { createControlClient, type ControlClient } from "@flyball/client";
import { faultRecoveryTime, type AppStatus, type Incident, type InstanceStatus } from "@flyball/core";
import { createTemporaryFolder, type TemporaryFolder } from "@flyball/fakes";
import { findTaggedProcesses } from "@flyball/wire";
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

/** The root of the checkout. */
export const CHECKOUT = join(import.meta.dirname, "..", "..");
const COMMAND = join(CHECKOUT, "packages", "cli", "bin", "flyball.js");

/** What a command did. */
export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The rig. */
export interface AppRig {
  readonly folder: TemporaryFolder;
  readonly manifestPath: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Runs `flyball -f <manifest> …` to its end. */
  flyball(...args: readonly string[]): Promise<CommandResult>;
  /** Starts `flyball …` and leaves it running. */
  spawnFlyball(...args: readonly string[]): ChildProcess;
  /** `up -d`; fails the test with the output when it does not succeed. */
  up(...args: readonly string[]): Promise<void>;
  client(): ControlClient;
  status(): Promise<AppStatus>;
  instances(service: string): Promise<readonly InstanceStatus[]>;
  /** The URL of a service without a trailing slash. */
  url(service: string): Promise<string>;
  incidents(): Promise<readonly Incident[]>;
  /** Polls every 25 ms until `isTrue` holds; fails after `limitMs` with the description. */
  until(description: string, isTrue: () => Promise<boolean> | boolean, limitMs?: number): Promise<void>;
  /** Command lines of processes that still carry the app's tag. */
  leftovers(): Promise<readonly string[]>;
  /** The state folder of the app. */
  stateFolder(): string;
  dispose(): Promise<void>;
}

/** Makes a rig over a manifest text (written beside `files` into a folder of its own), or over a manifest that exists. */
export async function createAppRig(options: {
  readonly manifest?: string;
  readonly manifestPath?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: NodeJS.ProcessEnv;
  /** The command's file; that of the checkout unless given. */
  readonly command?: string;
}): Promise<AppRig> {
  const folder = await createTemporaryFolder("fbt-");
  for (const [name, content] of Object.entries(options.files ?? {})) await folder.write(join("app", name), content);
  const manifestPath = options.manifestPath ?? (await folder.write("app/flyball.yaml", options.manifest ?? ""));
  const stateRoot = join(folder.path, "state");
  const environment: NodeJS.ProcessEnv = {
    ...process.env,
    FLYBALL_STATE: stateRoot,
    LC_ALL: "C.UTF-8",
    NO_COLOR: "1",
    ...options.environment,
  };
  delete environment["NODE_OPTIONS"];

  const spawnFlyball = (...args: readonly string[]): ChildProcess =>
    spawn(process.execPath, [options.command ?? COMMAND, "-f", manifestPath, ...args], {
      cwd: folder.path,
      env: environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
  const flyball = (...args: readonly string[]): Promise<CommandResult> =>
    new Promise((resolve, reject) => {
      const child = spawnFlyball(...args);
      let stdout = "";
      let stderr = "";
      child.stdout?.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
      child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
      child.on("error", reject);
      child.on("close", (code) => resolve({ code, stdout, stderr }));
    });
  const stateFolder = (): string => {
    const [name] = existsSync(stateRoot) ? readdirSync(stateRoot) : [];
    if (name === undefined) throw new Error("the app was never started");
    return join(stateRoot, name);
  };
  const client = (): ControlClient => {
    const { url } = JSON.parse(readFileSync(join(stateFolder(), "control.json"), "utf8")) as { url: string };
    return createControlClient({ url, token: readFileSync(join(stateFolder(), "token"), "utf8").trim() });
  };
  const until: AppRig["until"] = async (description, isTrue, limitMs = 20_000) => {
    const deadline = performance.now() + limitMs;
    while (!(await isTrue())) {
      if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${description}`);
      await delay(25);
    }
  };
  const leftovers = async (): Promise<readonly string[]> => {
    const [name] = existsSync(stateRoot) ? readdirSync(stateRoot) : [];
    if (name === undefined) return [];
    const found = await findTaggedProcesses({ tag: `${name}/` });
    return found.map(({ stat }) => `${stat.pid} ${commandLine(stat.pid)}`);
  };
  const status = (): Promise<AppStatus> => client().status();
  const instances = async (service: string): Promise<readonly InstanceStatus[]> =>
    (await status()).services.find((candidate) => candidate.service === service)?.instances ?? [];
  return {
    folder,
    manifestPath,
    environment,
    flyball,
    spawnFlyball,
    client,
    status,
    instances,
    until,
    leftovers,
    stateFolder,
    async up(...args) {
      const result = await flyball("up", "-d", ...args);
      if (result.code !== 0)
        throw new Error(`flyball up ended with ${result.code}\n${result.stdout}\n${result.stderr}`);
    },
    async url(service) {
      const url = (await status()).services.find((candidate) => candidate.service === service)?.url;
      if (url === undefined) throw new Error(`${service} has no url`);
      return url.replace(/\/$/, "");
    },
    incidents: async () => (await client().incidents({ limit: 1000 })).incidents,
    async dispose() {
      await flyball("down");
      const left = await leftovers();
      await folder.dispose();
      if (left.length > 0) throw new Error(`flyball down left processes:\n${left.join("\n")}`);
    },
  };
}

/** p50 and p95 of the total FRT of recovered incidents, in milliseconds. */
export function frtSummary(incidents: readonly Incident[]): {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
} {
  const totals = incidents.flatMap((incident) => faultRecoveryTime(incident).totalMs ?? []).toSorted((a, b) => a - b);
  const at = (share: number): number =>
    totals[Math.min(totals.length - 1, Math.floor(share * totals.length))] ?? Number.NaN;
  return { count: totals.length, p50: at(0.5), p95: at(0.95), max: totals.at(-1) ?? Number.NaN };
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "(gone)";
  }
}
