// Changes single values in the text of a manifest and leaves everything else as it was written: comments, quotes, order, spaces.
import {
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Document,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";

/** One change. */
export type YamlEdit =
  /** A number at a path; where the key is missing it is put behind its neighbour. */
  | { readonly kind: "number"; readonly path: readonly string[]; readonly value: number; readonly after: string }
  /** `--flag value` in a list of arguments. */
  | { readonly kind: "flag"; readonly path: readonly string[]; readonly flag: string; readonly value: number };

/** The text with one change; undefined where it cannot be made without rewriting more than the value. */
export function editYaml(text: string, edit: YamlEdit): string | undefined {
  const document = parseDocument(text);
  if (document.errors.length > 0) return undefined;
  return edit.kind === "number" ? editNumber(text, document, edit) : editFlag(text, document, edit);
}

function editNumber(text: string, document: Document, edit: YamlEdit & { kind: "number" }): string | undefined {
  const found = document.getIn(edit.path, true);
  if (isScalar(found)) return replaceNode(text, found, String(edit.value));
  const parent = document.getIn(edit.path.slice(0, -1), true);
  const key = edit.path.at(-1) ?? "";
  return found === undefined && isMap(parent)
    ? insertKey(text, parent, { line: `${key}: ${edit.value}`, after: edit.after })
    : undefined;
}

function editFlag(
  text: string,
  document: Document,
  { path, flag, value }: YamlEdit & { kind: "flag" },
): string | undefined {
  const list = document.getIn(path, true);
  if (list === undefined) {
    const parent = document.getIn(path.slice(0, -1), true);
    const key = path.at(-1) ?? "";
    return isMap(parent)
      ? insertKey(text, parent, { line: `${key}: [${flag}, "${value}"]`, after: "engine" })
      : undefined;
  }
  if (!isSeq(list)) return undefined;
  const words = list.items.map((item) => (isScalar(item) ? String(item.value) : ""));
  const index = words.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  if (index < 0) return appendItems(text, list, [flag, `"${value}"`]);
  const isJoined = words[index] !== flag;
  const item = list.items[isJoined ? index : index + 1];
  if (!isScalar(item)) return undefined;
  return replaceNode(text, item, isJoined ? `${flag}=${value}` : String(value));
}

/** A value in the quotes that the old one had. */
function replaceNode(text: string, node: Node, value: string): string | undefined {
  if (!node.range) return undefined;
  const [start, end] = node.range;
  const first = text[start] ?? "";
  const quote = first === '"' || first === "'" ? first : "";
  return `${text.slice(0, start)}${quote}${value}${quote}${text.slice(end)}`;
}

function insertKey(
  text: string,
  map: YAMLMap,
  { line, after }: { readonly line: string; readonly after: string },
): string | undefined {
  const pairs = map.items as readonly Pair<Node, Node | null>[];
  const keyOf = ({ key }: Pair<Node, Node | null>): string => (isScalar(key) ? String(key.value) : "");
  const neighbour = pairs.find((pair) => keyOf(pair) === after) ?? pairs.at(-1);
  const keyStart = neighbour?.key.range?.[0];
  if (neighbour === undefined || keyStart === undefined) return undefined;
  const end = endOf(text, neighbour.value ?? neighbour.key);
  if (end === undefined) return undefined;
  if (map.flow === true) return `${text.slice(0, end)}, ${line}${text.slice(end)}`;
  return insertLine(text, end, `${" ".repeat(columnOf(text, keyStart))}${line}`);
}

function appendItems(text: string, list: YAMLSeq, words: readonly string[]): string | undefined {
  const last = list.items.at(-1) as Node | undefined;
  if (last === undefined) {
    if (!list.range) return undefined;
    return `${text.slice(0, list.range[0])}[${words.join(", ")}]${text.slice(list.range[1])}`;
  }
  const end = endOf(text, last);
  const start = last.range?.[0];
  if (end === undefined || start === undefined) return undefined;
  if (list.flow === true) return `${text.slice(0, end)}, ${words.join(", ")}${text.slice(end)}`;
  const dash = text.lastIndexOf("-", start - 1);
  const indent = " ".repeat(columnOf(text, dash));
  return insertLine(text, end, words.map((word) => `${indent}- ${word}`).join("\n"));
}

/** Where a value ends, without the space behind it. */
function endOf(text: string, node: Node): number | undefined {
  if (!node.range) return undefined;
  return text.slice(0, node.range[1]).trimEnd().length;
}

/** Below the line on which a value ends, behind its comment. */
function insertLine(text: string, end: number, line: string): string {
  const lineEnd = text.indexOf("\n", end);
  return lineEnd < 0 ? `${text}\n${line}\n` : `${text.slice(0, lineEnd)}\n${line}${text.slice(lineEnd)}`;
}

function columnOf(text: string, at: number): number {
  return at - (text.lastIndexOf("\n", at - 1) + 1);
}
