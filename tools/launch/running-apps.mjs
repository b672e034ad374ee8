// Apps that run from this checkout, found by their keepers' command lines.
import { readdirSync, readFileSync } from "node:fs";

/** Names of apps whose keeper runs a file below `root`; empty where there is no /proc. */
export function findRunningApps(root, procRoot = "/proc") {
  return listFolder(procRoot)
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const words = readText(`${procRoot}/${pid}/cmdline`).split("\0");
      const isKeeper = words.some(
        (word) => word.startsWith(`${root}/packages/cli/`) && /entries\/keeper\.[tj]s$/.test(word),
      );
      const name = words[words.indexOf("--app") + 1];
      return isKeeper && name !== undefined ? [name] : [];
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
