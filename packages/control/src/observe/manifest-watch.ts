// Watches every file that the manifest was read from. A change is read the same way as the last time (target, profiles, command line
// amendments, variables); a manifest with problems changes nothing and its problems are told.
import type { ApplyRequest, ManifestSource } from "@flyball/core";
import { formatProblems, loadManifest } from "@flyball/core/manifest";
import { watch, type FSWatcher } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { composeText, textFields } from "../texts/compose-text.ts";

const SETTLE_MS = 200;

/** What the watch tells. */
export interface ManifestWatchEvents {
  readonly onChange: (request: ApplyRequest) => void;
  readonly onProblems: (problems: readonly string[]) => void;
}

/** A watch that follows the newest source. */
export interface ManifestWatch {
  follow(source: ManifestSource): void;
  close(): void;
}

function variablesOf({ variables = {} }: ManifestSource): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value ?? undefined]));
}

/** Watches folders, not files: editors replace files by renaming. At most 64 folders. */
export function createManifestWatch(
  options: { readonly environment: Readonly<Record<string, string | undefined>> } & ManifestWatchEvents,
): ManifestWatch {
  let watchers: FSWatcher[] = [];
  let source: ManifestSource | undefined;
  let timer: NodeJS.Timeout | undefined;

  const close = (): void => {
    for (const watcher of watchers) watcher.close();
    watchers = [];
    clearTimeout(timer);
  };
  const read = async (): Promise<void> => {
    if (source === undefined) return;
    const { path, target, profiles, amendments } = source;
    const loaded = await loadManifest({
      path,
      profiles,
      amendments,
      environment: { ...options.environment, ...variablesOf(source) },
      readFile: (file) => readFile(file, "utf8"),
      ...(target === undefined ? {} : { target }),
    });
    if (!loaded.ok) {
      options.onProblems(formatProblems(loaded.problems).split("\n"));
      return;
    }
    options.onChange({
      spec: loaded.spec,
      author: "file",
      ...textFields({ reason: composeText("revision.file-changed") }),
      source: { ...source, files: loaded.files },
    });
  };
  return {
    close,
    follow(next) {
      const isSame = source !== undefined && watchers.length > 0 && JSON.stringify(source) === JSON.stringify(next);
      source = next;
      if (isSame) return;
      close();
      const names = new Set(next.files.length === 0 ? [next.path] : next.files);
      const folders = new Map<string, Set<string>>();
      for (const file of names) {
        const folder = dirname(file);
        folders.set(folder, (folders.get(folder) ?? new Set()).add(file.slice(folder.length + 1)));
      }
      for (const [folder, files] of [...folders].slice(0, 64)) {
        try {
          const watcher = watch(folder, (_event, name) => {
            if (name !== null && !files.has(name)) return;
            clearTimeout(timer);
            timer = setTimeout(
              () => void read().catch((error: unknown) => options.onProblems([String(error)])),
              SETTLE_MS,
            );
            timer.unref();
          });
          watcher.unref();
          watchers.push(watcher);
        } catch {
          // a folder that cannot be watched is read again by the next `flyball up`
        }
      }
    },
  };
}
