// A YAML scalar → a scalar of the manifest. Kept apart because its source text matters: `1.10` as a number is 1.1, but as a value of
// an environment variable it must stay `1.10`.
import { isScalar, Scalar, type Node } from "yaml";
import type { ScalarNode, SourceLocation } from "./manifest-node.ts";

/** Converts; a number beyond what JSON can say (`.inf`, `.nan`) stays text. */
export function convertScalar(node: Node, at: SourceLocation, text: string): ScalarNode {
  const value: unknown = isScalar(node) ? node.value : null;
  const isPlain = isScalar(node) && (node.type === undefined || node.type === Scalar.PLAIN);
  const source = isPlain ? readSource(node, text) : String(value);
  if (value === null || typeof value === "boolean" || typeof value === "string") {
    return { kind: "scalar", at, value, source, isPlain };
  }
  const isFinite = typeof value === "number" && Number.isFinite(value);
  return { kind: "scalar", at, value: isFinite ? value : source, source, isPlain };
}

function readSource(node: Node, text: string): string {
  const range = node.range;
  const own = isScalar(node) ? node.source : undefined;
  if (own !== undefined) return own;
  return range ? text.slice(range[0], range[1]) : "";
}

/** The value of an unquoted text: a number or boolean where YAML would read one, otherwise the text. Never null. */
export function resolvePlain(text: string): string | number | boolean {
  if (/^(?:true|True|TRUE)$/.test(text)) return true;
  if (/^(?:false|False|FALSE)$/.test(text)) return false;
  if (/^[-+]?(?:\d+|\d*\.\d+(?:[eE][-+]?\d+)?|\d+\.?\d*(?:[eE][-+]?\d+)?)$/.test(text)) return Number(text);
  return text;
}
