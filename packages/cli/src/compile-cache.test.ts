// The first file of a packed install, on its own: a copy of it beside a main file that tells what it was given.
import { execFile } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createTemporaryFolder, type TemporaryFolder } from "@flyball/fakes";
import { expect, test } from "vitest";

const BIN = join(import.meta.dirname, "..", "bin", "flyball.js");
const MAIN = `
import { getCompileCacheDir } from "node:module";
const { NODE_COMPILE_CACHE, FLYBALL_COMPILE_CACHE } = process.env;
console.log(JSON.stringify({ NODE_COMPILE_CACHE, FLYBALL_COMPILE_CACHE, used: getCompileCacheDir() }));
`;

interface Told {
  readonly NODE_COMPILE_CACHE?: string;
  readonly FLYBALL_COMPILE_CACHE?: string;
  readonly used?: string;
}

async function packedInstall(folder: TemporaryFolder, version = "1.2.3"): Promise<(cache: string) => Promise<Told>> {
  await folder.write(`${version}/package.json`, JSON.stringify({ type: "module", version }));
  await folder.write(`${version}/dist/bundled/main.js`, MAIN);
  await folder.write(`${version}/bin/package.json`, "{}");
  const bin = join(folder.path, version, "bin", "flyball.js");
  copyFileSync(BIN, bin);
  return async (cache) => {
    const { NODE_COMPILE_CACHE: _cache, ...environment } = process.env;
    const env = { ...environment, XDG_CACHE_HOME: cache };
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [bin], { env });
    expect(stderr).toBe("");
    return JSON.parse(stdout) as Told;
  };
}

test("a packed install keeps its compiled code in the user's cache folder, for the processes that it starts too", async () => {
  await using folder = await createTemporaryFolder();
  const told = await (await packedInstall(folder))(join(folder.path, "cache"));
  const root = join(folder.path, "cache", "flyball", "compiled");
  expect(told.NODE_COMPILE_CACHE).toMatch(new RegExp(`^${root}/1\\.2\\.3-[a-z0-9]+$`));
  expect(told.FLYBALL_COMPILE_CACHE).toBe(told.NODE_COMPILE_CACHE);
  expect(told.used?.startsWith(told.NODE_COMPILE_CACHE ?? "-")).toBe(true);
});

test("beside the version in use the newest two stay", async () => {
  await using folder = await createTemporaryFolder();
  const root = join(folder.path, "cache", "flyball", "compiled");
  for (const [index, name] of ["0.1.0-a", "0.2.0-a", "0.3.0-a", "0.4.0-a"].entries()) {
    mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, name, "code"), "");
    utimesSync(join(root, name), index, index);
  }
  const run = await packedInstall(folder);
  await run(join(folder.path, "cache"));
  await run(join(folder.path, "cache"));
  expect(readdirSync(root).toSorted()).toEqual(["0.3.0-a", "0.4.0-a", expect.stringMatching(/^1\.2\.3-/)]);
});

test("a cache folder that cannot be made is done without", async () => {
  await using folder = await createTemporaryFolder();
  await folder.write("cache", "a file, not a folder");
  expect(await (await packedInstall(folder))(join(folder.path, "cache"))).toEqual({});
});
