// A folder for one test. Its path is short, because Unix sockets in it may have at most 107 bytes.
import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** A folder that is deleted with all it holds by `dispose`, or at the end of an `await using` block. */
export interface TemporaryFolder extends AsyncDisposable {
  /** Absolute, with symbolic links resolved. */
  readonly path: string;
  /** Writes a file below the folder, making folders on the way; answers its absolute path. */
  write(relativePath: string, content: string | Uint8Array): Promise<string>;
  dispose(): Promise<void>;
}

/** Makes an empty folder below the system's folder for temporary files. */
export async function createTemporaryFolder(prefix = "fb-"): Promise<TemporaryFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), prefix)));
  const dispose = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  return {
    path,
    async write(relativePath, content) {
      const file = join(path, relativePath);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
      return file;
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}
