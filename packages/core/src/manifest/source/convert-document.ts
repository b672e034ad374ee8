// Nodes of the YAML library → our own, with places. Keys must be text and unique, and must not reach a prototype; aliases and `<<` are
// resolved here, with a bound on what they expand to.
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair } from "yaml";
import type { ManifestProblem } from "../problems/manifest-problem.ts";
import { convertScalar } from "./convert-scalar.ts";
import type { ManifestNode, MapEntry, SourceLocation } from "./manifest-node.ts";
import { SCAN_LIMITS } from "./scan-yaml.ts";

/** Nodes that a file may have once its aliases are expanded. */
const EXPANDED_NODES = 20_000;
const DANGEROUS_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** Reports a problem at an offset of the text. */
export type Refuse = (offset: number, message: string, extra?: Partial<ManifestProblem>) => void;

/** The text that the nodes came from, and how to report. */
export interface ConvertContext {
  readonly text: string;
  readonly locate: (offset: number) => SourceLocation;
  readonly refuse: Refuse;
}

interface Conversion extends ConvertContext {
  readonly anchors: Map<string, { readonly node: ManifestNode; readonly size: number }>;
  /** Nodes so far, with those that aliases stand for. */
  created: number;
  isTooLarge: boolean;
}

/** Converts depth first, in the order of the text, so that an anchor is always known before its alias. */
export function convertDocument(root: Node, context: ConvertContext): ManifestNode {
  return convert({ ...context, anchors: new Map(), created: 0, isTooLarge: false }, root, {
    fallbackOffset: 0,
    depth: 1,
  });
}

function convert(
  conversion: Conversion,
  node: Node | null,
  { fallbackOffset, depth }: { fallbackOffset: number; depth: number },
): ManifestNode {
  const offset = node?.range?.[0] ?? fallbackOffset;
  const nothing: ManifestNode = {
    kind: "scalar",
    at: conversion.locate(offset),
    value: null,
    source: "",
    isPlain: true,
  };
  if (node === null || conversion.isTooLarge) return nothing;
  if (depth > SCAN_LIMITS.depth && !isScalar(node)) {
    refuseSize(conversion, offset, "nested deeper than 64 levels");
    return nothing;
  }
  if (isAlias(node)) return expand(conversion, node.source, offset) ?? nothing;
  const before = conversion.created;
  conversion.created += 1;
  const converted = convertOwn(conversion, node, { offset, depth });
  const anchor = (node as { anchor?: string }).anchor;
  if (anchor !== undefined) conversion.anchors.set(anchor, { node: converted, size: conversion.created - before });
  return converted;
}

function convertOwn(
  conversion: Conversion,
  node: Node,
  { offset, depth }: { offset: number; depth: number },
): ManifestNode {
  const at = conversion.locate(offset);
  if (isMap(node))
    return { kind: "map", at, entries: convertEntries(conversion, node.items as Pair<Node, Node | null>[], depth) };
  if (!isSeq(node)) return convertScalar(node, at, conversion.text);
  const inside = { fallbackOffset: offset, depth: depth + 1 };
  return { kind: "list", at, items: node.items.map((item) => convert(conversion, item as Node | null, inside)) };
}

function expand(conversion: Conversion, source: string, offset: number): ManifestNode | undefined {
  const anchor = conversion.anchors.get(source);
  if (anchor === undefined) {
    conversion.refuse(offset, `the alias *${source} stands before its anchor, or inside it`);
    return undefined;
  }
  conversion.created += anchor.size;
  if (conversion.created > EXPANDED_NODES)
    refuseSize(conversion, offset, `the aliases expand to more than ${EXPANDED_NODES} values`);
  return anchor.node;
}

/** Reported once; nothing further is converted. */
function refuseSize(conversion: Conversion, offset: number, message: string): void {
  if (!conversion.isTooLarge) conversion.refuse(offset, message, { code: "FB_MANIFEST_LIMIT" });
  conversion.isTooLarge = true;
}

function convertEntries(
  conversion: Conversion,
  pairs: readonly Pair<Node, Node | null>[],
  depth: number,
): Map<string, MapEntry> {
  const { locate, refuse } = conversion;
  const entries = new Map<string, MapEntry>();
  const inherited: MapEntry[] = [];
  for (const pair of pairs) {
    const keyOffset = pair.key.range?.[0] ?? 0;
    const value = convert(conversion, pair.value, { fallbackOffset: keyOffset, depth: depth + 1 });
    const key = readKey(pair.key, refuse);
    if (key === undefined) continue;
    if (key === "<<") inherited.push({ keyAt: locate(keyOffset), value });
    else if (entries.has(key))
      refuse(keyOffset, `the key "${key}" stands twice in one map`, { code: "FB_MANIFEST_DUPLICATE" });
    else entries.set(key, { keyAt: locate(keyOffset), value });
  }
  for (const entry of inherited) inherit(entries, entry, refuse);
  return entries;
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
