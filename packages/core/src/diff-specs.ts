// What changed between two specs, path by path, in an order that does not depend on how the specs were made. Lists of named things
// (ports, routes, dependencies) are compared by name; other lists of objects by position; lists of plain values as a whole.
import type { AppSpec } from "./app-spec.ts";
import { canonicalJson, contentHash } from "./canonical-json.ts";
import { maskSecrets } from "./mask-secrets.ts";
import type { SpecChange } from "./revision.ts";

const IDENTITIES = ["name", "service", "model", "volume"] as const;

/** All differences, sorted by path. Values that look like secrets are hidden; contents of configs and certificates stand by their hash. */
export function diffSpecs(before: AppSpec, after: AppSpec): SpecChange[] {
  const changes: SpecChange[] = [];
  compare({ path: "", name: "", before, after }, changes);
  return changes;
}

interface Comparison {
  readonly path: string;
  /** Last part of the path. */
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

function compare({ path, name, before, after }: Comparison, changes: SpecChange[]): void {
  if (isEqual(before, after)) return;
  const step = (key: string, a: unknown, b: unknown): void =>
    compare({ path: path === "" ? key : `${path}.${key}`, name: key, before: a, after: b }, changes);
  if (isRecord(before) && isRecord(after)) {
    for (const key of keysOf(before, after)) {
      if (key === "content" && path.startsWith("configs.")) continue;
      step(key, before[key], after[key]);
    }
    return;
  }
  if (Array.isArray(before) && Array.isArray(after) && [...before, ...after].every(isRecord)) {
    const named = byIdentity(before, after);
    if (named === "reordered") {
      changes.push({ path, before: forShow(before, name), after: forShow(after, name) });
      return;
    }
    if (named !== undefined) return compare({ path, name, ...named }, changes);
    const positions = Array.from({ length: Math.max(before.length, after.length) }, (_, index) => index);
    for (const index of positions) step(String(index), before[index], after[index]);
    return;
  }
  changes.push({ path, before: forShow(before, name), after: forShow(after, name) });
}

function forShow(value: unknown, name: string): unknown {
  if (name === "authorities" && typeof value === "string") return { sha256: contentHash(value) };
  const masked = maskSecrets(value, name);
  if (!isRecord(masked) || typeof masked["sha256"] !== "string") return masked;
  return { sha256: masked["sha256"] };
}

function isEqual(a: unknown, b: unknown): boolean {
  return a === b || canonicalJson(a) === canonicalJson(b);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function keysOf(a: object, b: object): string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].toSorted();
}

/** Both lists as maps by name; undefined when names are missing or not unique. */
function byIdentity(
  before: readonly Record<string, unknown>[],
  after: readonly Record<string, unknown>[],
): { before: Record<string, unknown>; after: Record<string, unknown> } | "reordered" | undefined {
  const key = IDENTITIES.find((identity) => [...before, ...after].every((item) => typeof item[identity] === "string"));
  if (key === undefined) return undefined;
  const first = before.map((item) => String(item[key]));
  const second = after.map((item) => String(item[key]));
  if (new Set(first).size !== first.length || new Set(second).size !== second.length) return undefined;
  const shared = first.filter((name) => second.includes(name));
  const isSameOrder = second.filter((name) => first.includes(name)).every((name, index) => name === shared[index]);
  if (!isSameOrder) return "reordered";
  return {
    before: Object.fromEntries(before.map((item) => [String(item[key]), item])),
    after: Object.fromEntries(after.map((item) => [String(item[key]), item])),
  };
}
