// What users install: the compiled packages as npm packs them, in a folder of their own from which nothing of the checkout is reachable.
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { CHECKOUT } from "./app-rig.ts";

const run = promisify(execFile);

/** Packages that users get; fakes is among them, it is documented for their tests. */
const PACKAGES = globSync("packages/*/package.json", { cwd: CHECKOUT }).map((file) => file.split("/")[1] ?? "");

/** An installation. */
export interface PackedInstall {
  /** The command as npm links it. */
  readonly command: string;
  /** How many packages of ours are in it. */
  readonly packages: number;
}

/** Compiles, packs and installs into an empty folder. Throws with npm's words when something of it fails. */
export async function installPacked(folder: string): Promise<PackedInstall> {
  await run(process.execPath, [join(CHECKOUT, "tools", "build.ts")], { cwd: CHECKOUT });
  const tarballs = join(folder, "tarballs");
  await mkdir(tarballs);
  const workspaces = PACKAGES.flatMap((name) => ["-w", `packages/${name}`]);
  await run("npm", ["pack", "--pack-destination", tarballs, "--loglevel=error", ...workspaces], { cwd: CHECKOUT });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "empty", private: true }));
  const files = globSync("*.tgz", { cwd: tarballs }).map((file) => join(tarballs, file));
  await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error", ...files], { cwd: folder });
  return { command: join(folder, "node_modules", ".bin", "flyball"), packages: files.length };
}
