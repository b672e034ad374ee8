// A Docker daemon of the bench's own: its own data, socket and network namespace, so that nothing of the machine's Docker or packet filter is touched.
// Images are made of what is installed here, without a registry.
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Bench } from "../../gateway/bench.ts";
import { findProgram } from "../../gateway/machine/find-program.ts";
import { startProgram } from "../../gateway/machine/start-program.ts";

const run = promisify(execFile);
const READY_MS = 20_000;

/** A daemon that runs. */
export interface DockerDaemon {
  /** `docker …`; its output without the line break at the end. */
  docker(...words: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Why no daemon can be started here; undefined: one can. */
export async function whyNoDaemon(): Promise<string | undefined> {
  for (const name of ["dockerd", "docker", "unshare", "nsenter", "ip"]) {
    if (findProgram(name) === undefined) return `${name} is not installed`;
  }
  return process.getuid?.() === 0 ? undefined : "root is needed";
}

/** Starts it in a network of its own, which has nothing but a loopback interface. */
export async function startDockerDaemon(bench: Bench): Promise<DockerDaemon> {
  const home = join(bench.folder, "docker");
  await mkdir(home, { recursive: true });
  const socket = `unix://${join(home, "docker.sock")}`;
  const words = ["--data-root", join(home, "data"), "--exec-root", join(home, "exec"), "--pidfile", join(home, "pid")];
  const daemon = ["dockerd", ...words, "-H", socket];
  const started = await startProgram(bench, "dockerd", [
    "unshare",
    "--net",
    "sh",
    "-c",
    'ip link set lo up && exec "$@"',
    "sh",
    ...daemon,
  ]);
  const docker = async (...more: readonly string[]): Promise<string> => {
    const { stdout } = await run("docker", ["-H", socket, ...more], { maxBuffer: 64 * 1024 * 1024 });
    return stdout.trim();
  };
  const stop = bench.cleanUp.defer(async () => {
    await docker("swarm", "leave", "--force").catch(() => undefined);
    // What still runs would outlive a daemon that is not given ten seconds for it.
    const left = (await docker("ps", "-aq").catch(() => "")).split("\n").filter((id) => id !== "");
    if (left.length > 0) await docker("rm", "--force", ...left).catch(() => undefined);
    await started.stop();
    await unmountBelow(home);
    await rm(home, { recursive: true, force: true });
  });
  const limit = performance.now() + READY_MS;
  while ((await docker("version").catch(() => undefined)) === undefined) {
    const failure = started.failure();
    if (failure !== undefined || performance.now() > limit) throw new Error(failure ?? "dockerd does not answer");
    await delay(100);
  }
  return { docker, stop };
}

/** An image of Node as it is here, the libraries that it needs and these files under /app. */
export async function importImage(
  bench: Bench,
  { docker }: DockerDaemon,
  options: { readonly tag: string; readonly files: readonly string[] },
): Promise<void> {
  const root = join(bench.folder, "image");
  const { stdout } = await run("ldd", [process.execPath]);
  const libraries = [...stdout.matchAll(/(\/\S+)/g)].map((match) => match[1] ?? "");
  for (const [from, to] of [
    [process.execPath, "/usr/bin/node"],
    // Health checks of Swarm are words for a shell.
    ["/bin/sh", "/bin/sh"],
    ...libraries.map((library) => [library, library]),
    ...options.files.map((file) => [file, `/app/${file.slice(dirname(file).length + 1)}`]),
  ] as [string, string][]) {
    await mkdir(dirname(join(root, to)), { recursive: true });
    await cp(from, join(root, to), { dereference: true });
  }
  for (const folder of ["tmp", "etc", "proc", "sys", "dev"]) await mkdir(join(root, folder), { recursive: true });
  // Where the system has /lib in /usr, the loader is asked for under its old name.
  await symlink("usr/lib", join(root, "lib")).catch(() => undefined);
  const archive = join(bench.folder, "image.tar");
  await run("tar", ["-C", root, "-cf", archive, "."]);
  await docker("import", "-c", "WORKDIR /app", "-c", "ENV PATH=/usr/bin", archive, options.tag);
}

async function unmountBelow(folder: string): Promise<void> {
  const mounts = (await readFile("/proc/mounts", "utf8")).split("\n").map((line) => line.split(" ")[1] ?? "");
  for (const mount of mounts.filter((each) => each.startsWith(folder)).toReversed()) {
    await run("umount", ["-l", mount]).catch(() => undefined);
  }
}
