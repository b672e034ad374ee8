// Installs dependencies when they differ from the lock file, and never under a running app: replacing the modules of running programs
// breaks them in ways that nobody understands.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findRunningApps } from "./running-apps.mjs";
import { repositoryRoot } from "./repository-root.mjs";

const stampPath = join(repositoryRoot, "node_modules", ".flyball-stamp");

/**
 * `prod`: what running needs. `dev`: what working on it needs, which holds `prod` too. Does nothing when the stamp of the last install
 * names the same lock file and a mode that is enough.
 */
export async function installWhatIsMissing(mode) {
  const lock = createHash("sha256")
    .update(readFileSync(join(repositoryRoot, "package-lock.json")))
    .digest("hex");
  const stamp = readStamp();
  if (stamp.lock === lock && (stamp.mode === "dev" || stamp.mode === mode)) return;
  const running = findRunningApps(repositoryRoot);
  if (running.length > 0)
    throw new Error(`Dependencies changed, but ${running.join(", ")} runs from this checkout.\nTry: npx flyball down`);
  // What was installed for work stays so: `npm start` between two `npm test` does not throw it away.
  const wanted = stamp.mode === "dev" ? "dev" : mode;
  process.stderr.write(`Installing dependencies (${wanted === "dev" ? "with tools" : "without tools"}) …\n`);
  const words = [
    "ci",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
    ...(wanted === "dev" ? ["--include=dev"] : ["--omit=dev"]),
  ];
  const { status, error } = runNpm(words);
  if (error !== undefined) throw new Error(`npm cannot be run: ${error.message}`);
  if (status !== 0) throw new Error(`npm ${words.join(" ")} failed with exit code ${status}`);
  writeFileSync(stampPath, `${JSON.stringify({ lock, mode: wanted })}\n`);
}

function readStamp() {
  if (!existsSync(stampPath)) return {};
  try {
    return JSON.parse(readFileSync(stampPath, "utf8"));
  } catch {
    return {};
  }
}

/** The npm that runs this script, when one does. Its output goes to stderr: stdout belongs to the program that comes after. */
function runNpm(words) {
  const npm = process.env.npm_execpath;
  const isScript = npm !== undefined && /npm-cli\.[cm]?js$/.test(npm);
  const [program, first] = isScript ? [process.execPath, [npm]] : ["npm", []];
  const environment = { ...process.env, NODE_ENV: "" };
  return spawnSync(program, [...first, ...words], { cwd: repositoryRoot, stdio: ["ignore", 2, 2], env: environment });
}
