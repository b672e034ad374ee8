// Drops what is kept of an exited instance: its record at the keeper, and its files unless a later life of the same ordinal uses them.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { removeFiles } from "./instance-files.ts";
import { readInstanceNote } from "./instance-note.ts";
import type { ProcessContext } from "./process-context.ts";

/** Nothing happens to a running instance. A one-off (`<service>@<name>`) never comes back, so its output goes too. */
export async function forgetInstance(context: ProcessContext, handle: string): Promise<void> {
  const { kept, keeper, layout, tagLock } = context;
  const process = kept.get(handle);
  if (process?.state === "running") return;
  kept.drop(handle);
  await keeper.call("forget", { keys: [handle] });
  const note = process && readInstanceNote(process.note);
  if (!note) return;
  await tagLock.run(process.tag, async () => {
    if (kept.running(process.tag).length > 0) return;
    context.unwrittenRecords.delete(process.tag);
    await removeFiles(layout, note);
    if (!note.service.includes("@")) return;
    const folders = [layout.run, layout.logs].map((folder) => join(folder, note.service));
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
  });
}
