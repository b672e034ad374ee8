// Files with secrets in them.
import { randomBytes } from "node:crypto";
import { mkdir, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

/** Writes a file that only this user may read (0600; its folder 0700), in one step: a reader sees the old content or the new. */
export async function writePrivateFile(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.${randomBytes(4).toString("hex")}`;
  await writeFile(temporary, content, { mode: 0o600 });
  await rename(temporary, path);
}
