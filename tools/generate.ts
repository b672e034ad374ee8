// `npm run generate` writes every generated file; with --check it writes nothing and exits 1 when one is missing or stale.
import { fileURLToPath } from "node:url";
import { ARTEFACTS } from "./generate/artefacts.ts";
import { staleArtefacts, writeArtefacts } from "./generate/sync-artefacts.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const stale = staleArtefacts(root, ARTEFACTS);
if (!process.argv.includes("--check")) writeArtefacts(root, stale);
for (const { path } of stale) process.stdout.write(`${process.argv.includes("--check") ? "stale" : "wrote"} ${path}\n`);
if (process.argv.includes("--check") && stale.length > 0) {
  process.stderr.write("Try: npm run generate\n");
  process.exitCode = 1;
}
