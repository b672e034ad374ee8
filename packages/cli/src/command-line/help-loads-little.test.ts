// `flyball --help` stays fast because it loads the table of commands and their texts, and none of the commands: neither the simulation nor
// control nor the gateway. A machine that is busy makes times useless; what was loaded is the same everywhere.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const HOOK = `import { registerHooks } from "node:module";
const loaded = [];
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
process.on("exit", () => process.stderr.write(JSON.stringify(loaded)));`;

/** Files of the workspace that the command loads, from `packages/` on. */
function filesLoadedBy(...words: readonly string[]): readonly string[] {
  const main = join(import.meta.dirname, "..", "main.ts");
  const hook = `data:text/javascript,${encodeURIComponent(HOOK)}`;
  const flags = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning", "--import", hook];
  const { stderr } = spawnSync(process.execPath, [...flags, main, ...words], { encoding: "utf8" });
  const urls = JSON.parse(stderr) as readonly string[];
  return urls.filter((url) => url.includes("/packages/")).map((url) => url.replace(/^.*\/packages\//, ""));
}

test.each([[["--help"]], [["simulate", "--help"]], [["tune", "--help"]]])(
  "%j loads no command and no other package",
  (words) => {
    const files = filesLoadedBy(...words);
    expect(files).toContain("cli/src/command-line/command-table.ts");
    expect(files.filter((file) => !file.startsWith("cli/src/"))).toEqual([]);
    expect(files.filter((file) => /\/(commands|simulate)\//.test(file))).toEqual([]);
    expect(files.length).toBeLessThan(20);
  },
);
