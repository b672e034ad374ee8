// The JavaScript file behind a name of node_modules/.bin, so that it can be run under the pinned Node whatever its first line says.
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { repositoryRoot } from "./repository-root.mjs";

/** An absolute path; throws when the program is not installed. */
export function resolveProgram(name) {
  const link = join(repositoryRoot, "node_modules", ".bin", name);
  if (!existsSync(link)) throw new Error(`there is no program ${name} in node_modules/.bin. Try: npm ci`);
  return realpathSync(link);
}
