// Where this package lies. A file of it may have been put together with others, so its own place does not tell.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** The folder of the package's package.json. */
export function packageFolder(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) folder = dirname(folder);
  return folder;
}
