// Text → nodes with places. Only the part of YAML that a manifest needs is let through: one document, text keys, no custom tags, no
// duplicate keys, no keys that reach a prototype. Aliases and `<<` are resolved here, with a bound on what they expand to.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Pair, type YAMLError } from "yaml";
import type { ManifestProblem } from "../problems/manifest-problem.ts";
import { convertScalar } from "./convert-scalar.ts";
import type { ManifestNode, MapEntry, SourceLocation } from "./manifest-node.ts";
import { SCAN_LIMITS, scanYaml } from "./scan-yaml.ts";

/** A file's content as nodes, or why it cannot be read. */
export type ParsedYaml =
  | { readonly ok: true; readonly root: ManifestNode }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] };

/** Nodes that a file may have once its aliases are expanded. */
const EXPANDED_NODES = 20_000;
const DANGEROUS_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

type Refuse = (offset: number, message: string, extra?: Partial<ManifestProblem>) => void;

/** Parses one file. `file` is the name that problems show. */
export function parseYaml(file: string, text: string): ParsedYaml {
  const lines = new LineCounter();
  const problems: ManifestProblem[] = [];
  const locate = (offset: number): SourceLocation => {
    const { line, col } = lines.linePos(Math.max(0, offset));
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refuse: Refuse = (offset, message, extra) => {
    problems.push({ ...locate(offset), path: "", message, code: "FB_MANIFEST_SYNTAX", ...extra });
  };
  const refusal = scanYaml(text);
  if (refusal !== undefined) {
    countLines(lines, text);
    refuse(refusal.offset, refusal.message, { code: refusal.code });
    return { ok: false, problems };
  }
  const contents = parseContents(text, lines, refuse);
  if (problems.length > 0) return { ok: false, problems };
  if (contents === null) {
    refuse(0, "the file is empty");
    return { ok: false, problems };
  }
  const root = createConverter(text, locate, refuse)(contents);
  return problems.length > 0 ? { ok: false, problems } : { ok: true, root };
}

function countLines(lines: LineCounter, text: string): void {
  lines.addNewLine(0);
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.addNewLine(at + 1);
}

/** The first error is enough: those after it are mostly its consequences. */
function parseContents(text: string, lines: LineCounter, refuse: Refuse): Node | null {
  const options = { lineCounter: lines, uniqueKeys: false, prettyErrors: false, logLevel: "error" } as const;
  try {
    const document = parseDocument(text, options);
    const error = document.errors[0] ?? document.warnings[0];
    if (error !== undefined) refuse(error.pos[0], describeSyntax(error) + variableHint(text, error.pos[0]));
    return document.contents;
  } catch (error) {
    // The parser throws on a few malformed inputs that it does not report as errors.
    refuse(0, `the YAML cannot be parsed: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** `{ replicas: ${N} }` is the start of a map inside a map to YAML. */
function variableHint(text: string, offset: number): string {
  return text[offset - 1] === "$" && text[offset] === "{" ? '; inside { } and [ ] write a variable in quotes: "${…}"' : "";
}

function describeSyntax({ code, message }: YAMLError): string {
  if (code === "TAB_AS_INDENT") return "a tab is used for indentation; use spaces";
  if (code === "TAG_RESOLVE_FAILED") return `${message.toLowerCase()}; tags are not used in a manifest`;
  if (code === "MULTIPLE_DOCS") return "more than one YAML document; a manifest is one document";
  const bracket = /end with a ([\]}])/.exec(message)?.[1];
  if (bracket !== undefined) return `a ${bracket === "]" ? "[" : "{"} is not closed with ${bracket}`;
  if (message.startsWith("Nested mappings")) return 'a second ": " in one line; put a value that holds ": " in quotes';
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}

/** Converts depth first, in the order of the text, so that an anchor is always known before its alias. */
function createConverter(text: string, locate: (offset: number) => SourceLocation, refuse: Refuse): (node: Node) => ManifestNode {
  const anchors = new Map<string, { readonly node: ManifestNode; readonly size: number }>();
  let created = 0;
  let isTooLarge = false;

  const convert = (node: Node | null, fallbackOffset: number, depth: number): ManifestNode => {
    const offset = node?.range?.[0] ?? fallbackOffset;
    const at = locate(offset);
    const nothing: ManifestNode = { kind: "scalar", at, value: null, source: "", isPlain: true };
    if (node === null || isTooLarge) return nothing;
    if (depth > SCAN_LIMITS.depth && !isScalar(node)) {
      refuse(offset, "nested deeper than 64 levels", { code: "FB_MANIFEST_LIMIT" });
      isTooLarge = true;
      return nothing;
    }
    if (isAlias(node)) return expand(node.source, offset) ?? nothing;
    const before = created;
    created += 1;
    const converted = convertOwn(node, { at, offset, depth });
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor !== undefined) anchors.set(anchor, { node: converted, size: created - before });
    return converted;
  };

  const convertOwn = (node: Node, { at, offset, depth }: { at: SourceLocation; offset: number; depth: number }): ManifestNode => {
    if (isMap(node)) return { kind: "map", at, entries: convertEntries(node.items as Pair<Node, Node | null>[], depth) };
    if (isSeq(node)) {
      const items = node.items.map((item) => convert(item as Node | null, offset, depth + 1));
      return { kind: "list", at, items };
    }
    return convertScalar(node, at, text);
  };

  const expand = (source: string, offset: number): ManifestNode | undefined => {
    const anchor = anchors.get(source);
    if (anchor === undefined) {
      refuse(offset, `the alias *${source} stands before its anchor, or inside it`);
      return undefined;
    }
    created += anchor.size;
    if (created > EXPANDED_NODES && !isTooLarge) {
      isTooLarge = true;
      refuse(offset, `the aliases expand to more than ${EXPANDED_NODES} values`, { code: "FB_MANIFEST_LIMIT" });
    }
    return anchor.node;
  };

  const convertEntries = (pairs: readonly Pair<Node, Node | null>[], depth: number): Map<string, MapEntry> => {
    const entries = new Map<string, MapEntry>();
    const inherited: MapEntry[] = [];
    for (const pair of pairs) {
      const keyOffset = pair.key.range?.[0] ?? 0;
      const value = convert(pair.value, keyOffset, depth + 1);
      const key = readKey(pair.key, refuse);
      if (key === undefined) continue;
      if (key === "<<") inherited.push({ keyAt: locate(keyOffset), value });
      else if (entries.has(key)) refuse(keyOffset, `the key "${key}" stands twice in one map`, { code: "FB_MANIFEST_DUPLICATE" });
      else entries.set(key, { keyAt: locate(keyOffset), value });
    }
    for (const entry of inherited) inherit(entries, entry, refuse);
    return entries;
  };

  return (node) => convert(node, 0, 1);
}

function readKey(key: Node | null, refuse: Refuse): string | undefined {
  const offset = key?.range?.[0] ?? 0;
  if (key === null || !isScalar(key) || typeof key.value !== "string") {
    const seen = isScalar(key) ? String(key.source ?? key.value) : "";
    refuse(offset, `a key must be text${seen === "" ? "" : `; write "${seen}" in quotes`}`);
    return undefined;
  }
  if (DANGEROUS_KEYS.has(key.value)) {
    refuse(offset, `the key "${key.value}" is not allowed`);
    return undefined;
  }
  return key.value;
}

/** `<<: *base`: keys of the base that the map does not have itself. */
function inherit(entries: Map<string, MapEntry>, entry: MapEntry, refuse: Refuse): void {
  const bases = entry.value.kind === "list" ? entry.value.items : [entry.value];
  for (const base of bases) {
    if (base.kind !== "map") {
      refuse(0, "<< needs a map, or a list of maps", { line: entry.keyAt.line, column: entry.keyAt.column });
      continue;
    }
    for (const [key, inherited] of base.entries) if (!entries.has(key)) entries.set(key, inherited);
  }
}

