// What stands in the manifest, in a few words: `text "5"`, `a list`, `nothing`.
import type { ManifestNode, ManifestPath } from "../source/manifest-node.ts";

/** Describes a value for "expected …, saw …". Long text is cut; text where a secret may stand is not shown. */
export function describeSeen(node: ManifestNode | undefined, path: ManifestPath = []): string {
  if (node === undefined) return "nothing";
  if (node.kind === "list") return node.items.length === 0 ? "an empty list" : "a list";
  if (node.kind === "map") return node.entries.size === 0 ? "an empty map" : "a map";
  if (node.value === null) return "nothing";
  if (path[0] === "secrets" || path.at(-1) === "api_key" || path.at(-1) === "password") return "text (not shown)";
  if (typeof node.value === "string") return `"${shorten(node.value)}"`;
  return `the ${typeof node.value} ${shorten(node.source)}`;
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  return line.length <= 60 ? line : `${line.slice(0, 57)}…`;
}
