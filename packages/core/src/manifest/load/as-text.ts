// Values that are text in the end (environment, labels, arguments) and money are taken as they were written: VERSION: 1.10 is "1.10", not 1.1.
import type { ManifestNode, MapEntry } from "../source/manifest-node.ts";
import { fitsPattern } from "../problems/refused-words.ts";
import { priceAmounts } from "../schema/prices.ts";

/** Money: 0.1 is written exactly and held exactly. */
const AMOUNTS = Object.keys(priceAmounts);
const PRICE = ["prices", "*", "*"];
const PRICES = [PRICE, [...PRICE, "*"]].flatMap((price) => [price, [...price, "long_prompt", "*"], [...price, "peak"]]);

const TEXTUAL: readonly (readonly string[])[] = [
  ["services", "*", "environment", "*"],
  ["services", "*", "labels", "*"],
  ["services", "*", "command", "*"],
  ["services", "*", "healthcheck", "command", "*"],
  ["services", "*", "serve", "args", "*"],
  ...AMOUNTS.flatMap((amount) => PRICES.map((price) => [...price, amount])),
];
const DEEPEST = 7;

/** Replaces numbers and booleans in textual places by their source text. */
export function asText(root: ManifestNode): ManifestNode {
  const visit = (node: ManifestNode, path: readonly (string | number)[]): ManifestNode => {
    if (path.length > DEEPEST) return node;
    if (node.kind === "scalar") {
      const isTextual = node.value !== null && TEXTUAL.some((pattern) => fitsPattern(path, pattern));
      return isTextual && typeof node.value !== "string" ? { ...node, value: node.source } : node;
    }
    if (path.length === 1 && path[0] !== "services" && path[0] !== "prices") return node;
    if (node.kind === "list") return { ...node, items: node.items.map((item, index) => visit(item, [...path, index])) };
    const entries = new Map<string, MapEntry>();
    for (const [key, entry] of node.entries)
      entries.set(key, { keyAt: entry.keyAt, value: visit(entry.value, [...path, key]) });
    return { ...node, entries };
  };
  return visit(root, []);
}
