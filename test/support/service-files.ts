// The small services of the end-to-end tests, as files that a rig writes beside its manifest.
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** `{ "web.mjs": …content }` for each name in test/support/services. */
export function serviceFiles(...names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(import.meta.dirname, "services", name), "utf8")]),
  );
}
