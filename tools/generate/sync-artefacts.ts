// Compares generated files with what stands in the tree, and writes those that differ.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Artefact } from "./artefact.ts";

/** Artefacts that are missing or differ under `root`. */
export function staleArtefacts(root: string, artefacts: readonly Artefact[]): Artefact[] {
  return artefacts.filter((artefact) => readIfThere(join(root, artefact.path)) !== artefact.render());
}

/** Writes artefacts under `root`. */
export function writeArtefacts(root: string, artefacts: readonly Artefact[]): void {
  for (const artefact of artefacts) {
    const path = join(root, artefact.path);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, artefact.render());
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
