// All reading of files goes through here, so that the rest of the loader is pure and every file that mattered is known for watching.
import { resolve } from "node:path";

/** Reads a whole file; fails as `fs.promises.readFile` and `fs.readFileSync` do. Text is taken as it is, bytes must be UTF-8. */
export type ReadFile = (path: string) => Promise<Uint8Array | string> | Uint8Array | string;

/** A file's text, or why there is none. */
export type FileText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly isMissing: boolean; readonly reason: string };

/** Reads files and remembers which. */
export interface ManifestFiles {
  read(path: string): Promise<FileText>;
  /** Absolute paths of every file that was asked for, in order. */
  readonly asked: readonly string[];
}

/** Most bytes of a file that becomes part of the app (configs, environment files). */
const MOST_BYTES = 4 * 1_048_576;
/** Most files of one manifest; further ones are refused. */
const MOST_FILES = 500;

/** Wraps a `readFile`. */
export function createManifestFiles(readFile: ReadFile): ManifestFiles {
  const asked = new Set<string>();
  return {
    async read(path) {
      const absolute = resolve(path);
      asked.add(absolute);
      if (asked.size > MOST_FILES) return { ok: false, isMissing: false, reason: `more than ${MOST_FILES} files` };
      try {
        return decode(await readFile(absolute));
      } catch (error) {
        return { ok: false, ...describeFailure(error) };
      }
    },
    get asked() {
      return [...asked];
    },
  };
}

function decode(content: Uint8Array | string): FileText {
  if (content.length > MOST_BYTES) return { ok: false, isMissing: false, reason: "it is larger than 4 MiB" };
  if (typeof content === "string") return { ok: true, text: stripByteOrderMark(content) };
  try {
    return { ok: true, text: new TextDecoder("utf-8", { fatal: true }).decode(content) };
  } catch {
    return { ok: false, isMissing: false, reason: "it is not UTF-8 text; save it as UTF-8" };
  }
}

function stripByteOrderMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file",
  EISDIR: "it is a folder",
  EACCES: "it may not be read by this user",
};

function describeFailure(error: unknown): { isMissing: boolean; reason: string } {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = REASONS[code] ?? (error instanceof Error ? error.message : String(error));
  return { isMissing: code === "ENOENT" || code === "ENOTDIR", reason };
}
