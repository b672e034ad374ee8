// Turns a plain value (command line options) into nodes without a place in a file.
import type { ManifestNode, MapEntry, SourceLocation } from "./manifest-node.ts";

/** The "file" of values that came from command line options. */
export const COMMAND_LINE_FILE = "command line";

/** Where such values stand. */
export const COMMAND_LINE: SourceLocation = { file: COMMAND_LINE_FILE, line: 0, column: 0 };

/** Converts JSON-like data; members that are undefined are left out. */
export function fromPlain(value: unknown, at: SourceLocation = COMMAND_LINE): ManifestNode {
  if (Array.isArray(value)) return { kind: "list", at, items: value.map((item) => fromPlain(item, at)) };
  if (typeof value === "object" && value !== null) {
    const entries = new Map<string, MapEntry>();
    for (const [key, member] of Object.entries(value)) {
      if (member !== undefined) entries.set(key, { keyAt: at, value: fromPlain(member, at) });
    }
    return { kind: "map", at, entries };
  }
  const scalar = typeof value === "number" || typeof value === "boolean" || value === null ? value : textOf(value);
  return { kind: "scalar", at, value: scalar, source: String(scalar), isPlain: false };
}

/** Options hold JSON-like data; anything else is shown as JSON would show it. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
