// Apps that run from this checkout, found by their keepers' command lines.
import { readdirSync, readFileSync } from "node:fs";

/** Names of apps whose keeper runs a file below `root`; empty where there is no /proc. */
export function findRunningApps(root, procRoot = "/proc") {
  return listFolder(procRoot)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const words = readText(`${procRoot}/${pid}/cmdline`).split("\0");
      // The script is the word behind Node and its flags.
      const script = words.slice(1).find((word) => !word.startsWith("--")) ?? "";
      const isKeeper = script.startsWith(`${root}/packages/cli/`) && /entries\/keeper\.[tj]s$/.test(script);
      const app = words.indexOf("--app");
      return isKeeper && app >= 0 ? [words[app + 1]] : [];
    });
}

function listFolder(path) {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readText(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
