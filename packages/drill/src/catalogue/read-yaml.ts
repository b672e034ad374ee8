// A YAML file with the place of every value, and the list of what is wrong in it.
import { nearestName } from "@flyball/core";
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from "yaml";

/** What is wrong, and where. */
export interface CatalogueProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** `expect.traffic`; empty: the file as a whole. */
  readonly field: string;
  /** What was seen, what is expected. */
  readonly message: string;
}

/** A value with its place. */
export interface YamlValue {
  readonly field: string;
  /** Text, number, boolean or null; undefined for maps and lists. */
  readonly scalar: string | number | boolean | null | undefined;
  /** In the order of the file; undefined when it is no list. */
  readonly items: readonly YamlValue[] | undefined;
  /** undefined when it is no map. */
  readonly entries: ReadonlyMap<string, YamlValue> | undefined;
  /** Notes a problem at this place. */
  fail(message: string): void;
  /** Notes those keys that none of `known` is, each with the nearest. */
  refuseOthers(known: readonly string[]): void;
}

/** Reads one document. `undefined` where it is no YAML; then a problem says so. */
export function readYaml(file: string, text: string, problems: CatalogueProblem[]): YamlValue | undefined {
  const lines = new LineCounter();
  const document: Document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, version: "1.2" });
  const add = (offset: number, field: string, message: string): void => {
    const { line, col } = lines.linePos(offset);
    problems.push({ file, line, column: col, field, message });
  };
  for (const error of document.errors) add(error.pos[0], "", error.message.split("\n")[0] ?? "not YAML");
  if (document.errors.length > 0) return undefined;
  return wrap(document.contents, "", 0, add);
}

type AddProblem = (offset: number, field: string, message: string) => void;

function wrap(node: unknown, field: string, parentOffset: number, add: AddProblem): YamlValue {
  const range = (node as { readonly range?: readonly number[] } | null)?.range;
  const offset = range?.[0] ?? parentOffset;
  const keyOffsets = new Map<string, number>();
  const below = (name: string): string => (field === "" ? name : `${field}.${name}`);
  const fail = (message: string): void => add(offset, field, message);
  const entries = isMap(node) ? new Map<string, YamlValue>() : undefined;
  if (isMap(node)) {
    for (const { key, value } of node.items) {
      const name = isScalar(key) ? String(key.value) : "?";
      keyOffsets.set(name, (isScalar(key) ? key.range?.[0] : undefined) ?? offset);
      entries?.set(name, wrap(value, below(name), offset, add));
    }
  }
  return {
    field,
    scalar: isScalar(node) ? (node.value as string | number | boolean | null) : node === null ? null : undefined,
    items: isSeq(node) ? node.items.map((item, index) => wrap(item, `${field}[${index}]`, offset, add)) : undefined,
    entries,
    fail,
    refuseOthers(known) {
      for (const [name, at] of keyOffsets) {
        if (known.includes(name)) continue;
        const near = nearestName(name, known);
        const remedy = near === undefined ? `Known here: ${known.join(", ")}` : `Did you mean "${near}"?`;
        add(at, below(name), `unknown key "${name}". ${remedy}`);
      }
    },
  };
}
