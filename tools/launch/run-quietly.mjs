// Runs a check and keeps its words back unless it fails.
import { spawn } from "node:child_process";
import { pinnedNode, withPinnedPath } from "./pinned-node.mjs";
import { repositoryRoot } from "./repository-root.mjs";

/** Resolves with exit code and output. */
export function runQuietly(words) {
  return new Promise((resolve, reject) => {
    const child = spawn(pinnedNode(), words, {
      cwd: repositoryRoot,
      env: withPinnedPath(process.env),
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (output += text));
    child.once("error", reject);
    child.once("close", (code, signal) => resolve({ code: signal === null ? code : 1, output }));
  });
}
