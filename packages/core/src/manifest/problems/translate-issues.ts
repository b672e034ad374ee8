// What the schema found → problems in our words, at the place in the file.
import type { z } from "zod";
import { childOf, nodeAt, type ManifestNode, type ManifestPath } from "../source/manifest-node.ts";
import { describeSeen } from "./describe-seen.ts";
import { knownKeys } from "./known-keys.ts";
import { nearestName } from "./nearest-name.ts";
import type { PathProblem } from "./problem-list.ts";
import { refusedWord } from "./refused-words.ts";
import { shapeRemedy } from "./shape-remedies.ts";

type Issue = z.core.$ZodIssue;

/** What a translation needs: the schema (for known keys) and the values as written. */
export interface TranslationContext {
  readonly schema: z.ZodType;
  readonly root: ManifestNode;
}

/** Translates issues; one issue may become several problems (each unknown key is one). */
export function translateIssues(issues: readonly Issue[], context: TranslationContext): PathProblem[] {
  return issues.flatMap((issue) => translate(issue, [], context));
}

function translate(issue: Issue, parent: ManifestPath, context: TranslationContext): PathProblem[] {
  const path: ManifestPath = [...parent, ...(issue.path as (string | number)[])];
  if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey(path, key, context));
  if (issue.code === "invalid_key") return [wrongName(path, issue, context)];
  if (issue.code === "invalid_union") {
    const branch = chooseBranch(issue.errors);
    if (branch !== undefined) return branch.flatMap((inner) => translate(inner, path, context));
  }
  return [wrongValue(path, issue, context)];
}

/** The branch that was meant: one whose own type fits, with the fewest issues. Undefined when no branch's type fits. */
function chooseBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const fitting = branches.filter((issues) => !issues.some((issue) => issue.path.length === 0 && isMismatch(issue)));
  return fitting.toSorted((a, b) => a.length - b.length)[0];
}

function isMismatch(issue: Issue): boolean {
  return issue.code === "invalid_type" || issue.code === "invalid_value" || issue.code === "invalid_union";
}

function unknownKey(path: ManifestPath, key: string, { schema }: TranslationContext): PathProblem {
  const at: ManifestPath = [...path, key];
  const refused = refusedWord(path, key);
  if (refused !== undefined) return { path: at, code: "FB_MANIFEST_REFUSED_KEY", message: refused, part: "key" };
  const suggestion = nearestName(key, knownKeys(schema, path));
  return { path: at, code: "FB_MANIFEST_UNKNOWN_KEY", message: `unknown key "${key}"`, suggestion, part: "key" };
}

function wrongName(
  path: ManifestPath,
  issue: Issue & { code: "invalid_key" },
  _context: TranslationContext,
): PathProblem {
  const expectation = issue.issues[0]?.message ?? "expected another name";
  const seen = String(path.at(-1) ?? "");
  return { path, code: "FB_MANIFEST_WRONG_VALUE", message: `${expectation}, saw "${seen.slice(0, 60)}"`, part: "key" };
}

function wrongValue(path: ManifestPath, issue: Issue, { root }: TranslationContext): PathProblem {
  const node = nodeAt(root, path);
  const expectation = describeExpectation(issue);
  const last = path.at(-1);
  if (node === undefined && typeof last === "string") {
    const holder = nodeAt(root, path.slice(0, -1));
    const isInMap = holder === undefined || holder.kind === "map" || childOf(holder, last) !== undefined;
    if (isInMap)
      return { path, code: "FB_MANIFEST_MISSING_KEY", message: `"${last}" is missing; ${expectation}`, part: "key" };
  }
  const remedy = shapeRemedy(path, node);
  const message = `${expectation}, saw ${describeSeen(node, path)}${remedy === undefined ? "" : `; ${remedy}`}`;
  return { path, code: "FB_MANIFEST_WRONG_VALUE", message, suggestion: nearestChoice(issue, node) };
}

function nearestChoice(issue: Issue, node: ManifestNode | undefined): string | undefined {
  const choices = choicesOf(issue);
  if (choices === undefined || node?.kind !== "scalar" || typeof node.value !== "string") return undefined;
  return nearestName(node.value, choices);
}

function choicesOf(issue: Issue): string[] | undefined {
  if (issue.code === "invalid_value") return issue.values.map(String);
  if (issue.code !== "invalid_union") return undefined;
  return issue.errors.flat().flatMap((inner) => (inner.path.length === 0 ? (choicesOf(inner) ?? []) : []));
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: "a map",
  record: "a map",
  array: "a list",
  string: "text",
};

function describeExpectation(issue: Issue): string {
  if (issue.message.startsWith("expected ")) return issue.message;
  if (issue.code === "invalid_type") return `expected ${TYPE_NAMES[issue.expected] ?? `a ${issue.expected}`}`;
  return `expected another value (${issue.message})`;
}
