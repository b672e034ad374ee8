// What was learned, in one file, so that a gateway that starts anew need not begin with nothing. It is all or nothing: a file that is damaged, or
// of another format, is told once and left alone until the next one takes its place.
import { readFileSync } from "node:fs";
import { replaceFile } from "@flyball/wire";
import type { SavedEndpoint } from "./endpoint-learning.ts";
import type { LearnedPool } from "../worker/worker-messages.ts";
import { checkWaits } from "./check-waits.ts";
import type { SavedLearning } from "./worker-learning.ts";

/** Names the format. */
const FORMAT = "flyball/learned/v1";
/** A file is never longer; one that is was written by somebody else. */
const MAX_BYTES = 256 * 1024 * 1024;

/** All that one gateway knows. */
export interface LearnedFile {
  readonly workers: readonly SavedLearning[];
  readonly endpoints: readonly SavedEndpoint[];
  /** How long answers usually let wait; absent in files before it was kept. */
  readonly waits?: readonly LearnedPool[];
}

/** What became of reading it. */
export type LearnedReading =
  | { readonly kind: "read"; readonly learned: LearnedFile }
  | { readonly kind: "absent" }
  | { readonly kind: "refused"; readonly reason: string };

/** Writes it whole or not at all. */
export function writeLearned(path: string, learned: LearnedFile): Promise<void> {
  return replaceFile(path, JSON.stringify({ format: FORMAT, ...learned }));
}

/** Reads it; never throws. */
export function readLearned(path: string): LearnedReading {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    const isAbsent = error instanceof Error && "code" in error && error.code === "ENOENT";
    return isAbsent ? { kind: "absent" } : { kind: "refused", reason: String(error) };
  }
  if (text.length > MAX_BYTES) return { kind: "refused", reason: `longer than ${MAX_BYTES} bytes` };
  try {
    return check(JSON.parse(text));
  } catch (error) {
    return { kind: "refused", reason: String(error) };
  }
}

function check(value: unknown): LearnedReading {
  if (typeof value !== "object" || value === null) return { kind: "refused", reason: "no object" };
  const { format, workers, endpoints, waits } = value as Partial<LearnedFile> & { format?: unknown };
  if (format !== FORMAT) return { kind: "refused", reason: `its format is ${JSON.stringify(format)}, not ${FORMAT}` };
  if (!Array.isArray(workers) || !Array.isArray(endpoints)) return { kind: "refused", reason: "a part is missing" };
  const known = checkWaits(waits);
  const learned = { workers: workers.filter(isObject), endpoints: endpoints.filter(isObject) };
  return { kind: "read", learned: known.length === 0 ? learned : { ...learned, waits: known } };
}

function isObject<T>(value: T): boolean {
  return typeof value === "object" && value !== null;
}
