// The drills of an app, kept in its state folder: figures without requests, one file each, the oldest dropped.
import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type StateLayout, stateLayout, stateRoot } from "@flyball/core";
import type { DrillReport, KeptDrill } from "@flyball/drill";
import type { ReadManifest } from "../app/read-manifest.ts";
import type { CommandContext } from "../command-line/command-context.ts";
import { writeWholeFile } from "../output/write-whole-file.ts";

const MOST_KEPT = 200;
const FORMAT = "flyball.drill/v1";

/** The app's own state folder, also when the drill ran on a copy. */
export function layoutOf(context: CommandContext, { spec, clone }: ReadManifest): StateLayout {
  return stateLayout(stateRoot(context.environment, context.home), spec.name, clone);
}

/** Keeps a drill. */
export function keepDrill(layout: StateLayout, { format, setting, summaries }: DrillReport): void {
  const folder = folderOf(layout);
  mkdirSync(layout.directory, { recursive: true, mode: 0o700 });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const kept: KeptDrill = { format, setting, summaries };
  writeWholeFile(`${String(Math.round(setting.at)).padStart(15, "0")}.json`, folder, `${JSON.stringify(kept)}\n`);
  for (const name of names(folder).slice(0, -MOST_KEPT)) rmSync(join(folder, name), { force: true });
}

/** The newest first, at most so many; a file that cannot be read, or is of another version, is left out. */
export function keptDrills(layout: StateLayout, most: number): readonly KeptDrill[] {
  const folder = folderOf(layout);
  return names(folder)
    .toReversed()
    .slice(0, most)
    .flatMap((name) => readKept(join(folder, name)) ?? []);
}

function folderOf(layout: StateLayout): string {
  return join(layout.directory, "drills");
}

function names(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .toSorted();
  } catch {
    return [];
  }
}

function readKept(path: string): KeptDrill | undefined {
  try {
    const kept = JSON.parse(readFileSync(path, "utf8")) as KeptDrill;
    return kept.format === FORMAT ? kept : undefined;
  } catch {
    return undefined;
  }
}
