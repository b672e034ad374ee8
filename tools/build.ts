// Compiles the packages into their dist folders, and puts what a process of ours loads at its start into few files: seven hundred modules
// take three times as long to load as the same code in a dozen. Packages of others stay packages.
//   npm run build
import { execFileSync } from "node:child_process";
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";

/** What is started: the command, its processes, and the gateway's worker threads. */
const STARTED = [
  "main",
  ...["keeper", "control", "gateway", "gateway-worker", "engine"].map((name) => `entries/${name}`),
  ...["referee", "fault-proxy", "lease-keeper"].map((name) => `entries/${name}`),
];

const root = join(import.meta.dirname, "..");
const compiled = join(root, "packages", "cli", "dist");
const bundled = join(compiled, "bundled");
const isOwn = (id: string): boolean => id.startsWith(".") || id.startsWith("/") || id.startsWith("@flyball/");

execFileSync(join(root, "node_modules", ".bin", "tsc"), ["-b", "tsconfig.build.json"], { cwd: root, stdio: "inherit" });
rmSync(bundled, { recursive: true, force: true });
const build = await rolldown({
  input: Object.fromEntries(STARTED.map((name) => [name, join(compiled, `${name}.js`)])),
  platform: "node",
  external: (id) => !isOwn(id),
});
await build.write({ dir: bundled, format: "esm", chunkFileNames: "chunks/[name]-[hash].js", keepNames: true });
await build.close();
// The faults of `flyball drill` are data, which no module imports.
cpSync(join(root, "drills"), join(compiled, "drills"), { recursive: true });
