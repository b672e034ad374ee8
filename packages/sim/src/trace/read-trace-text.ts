// The one place of the simulation that touches the disk.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

/** The text of a file, unpacked where its name ends in .gz. */
export function readTraceText(path: string): string {
  const bytes = readFileSync(path);
  return (path.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}
