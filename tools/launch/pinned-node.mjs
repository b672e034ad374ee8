// The Node that the lock file pins comes as a package on Linux; elsewhere the machine's own Node has to be new enough.
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { repositoryRoot } from "./repository-root.mjs";

const NEEDED_MAJOR = 24;

/** Sources run as they are: the export condition finds them, type stripping reads them. */
export const SOURCE_FLAGS = ["--conditions=flyball-source", "--disable-warning=ExperimentalWarning"];

/** The path of the Node to use; throws with what to do when there is none. */
export function pinnedNode() {
  const pinned = join(repositoryRoot, "node_modules", `node-linux-${process.arch}`, "bin", "node");
  if (process.platform === "linux" && existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split(".")[0]) >= NEEDED_MAJOR) return process.execPath;
  throw new Error(
    `Node ${NEEDED_MAJOR} or newer is needed; this is ${process.versions.node}. Install it from https://nodejs.org`,
  );
}

/** The environment with that Node first on PATH, so that programs started by programs use it too. */
export function withPinnedPath(environment) {
  return { ...environment, PATH: `${dirname(pinnedNode())}${delimiter}${environment.PATH ?? ""}` };
}
