// Collects problems while a manifest is read. Bounded: a manifest can be wrong in more places than anybody reads.
import { locationOf, type ManifestNode, type ManifestPath, type SourceLocation } from "../source/manifest-node.ts";
import { formatPath, type ManifestErrorCode, type ManifestProblem } from "./manifest-problem.ts";

/** Problems shown at once; the rest is counted. */
export const SHOWN_PROBLEMS = 50;
const KEPT_PROBLEMS = 1_000;

/** A problem at a path of the merged manifest. */
export interface PathProblem {
  readonly path: ManifestPath;
  readonly code: ManifestErrorCode;
  readonly message: string;
  readonly suggestion?: string | undefined;
  /** Point at the key instead of its value. */
  readonly part?: "key" | "value";
  /** A place that is not in the manifest, for example in an environment file. */
  readonly at?: SourceLocation;
}

/** A bounded list: up to 1,000 are kept, more are only counted. */
export interface ProblemList {
  add(problem: ManifestProblem): void;
  /** Finds the place of the path in the tree. */
  addAt(root: ManifestNode, problem: PathProblem): void;
  readonly count: number;
  /** Sorted by file (`first` before the others, which keep the order in which they came up), line and column; at most 50. */
  sorted(first: string): ManifestProblem[];
}

/** An empty list. */
export function createProblemList(): ProblemList {
  const problems: ManifestProblem[] = [];
  let count = 0;
  const add = (problem: ManifestProblem): void => {
    const isKnown = problems.some((other) => isSame(other, problem));
    if (isKnown) return;
    count += 1;
    if (problems.length < KEPT_PROBLEMS) problems.push(problem);
  };
  return {
    add,
    addAt(root, { path, code, message, suggestion, part, at }) {
      const place = at ?? locationOf(root, path, part);
      add({ ...place, path: formatPath(path), message, code, ...(suggestion === undefined ? {} : { suggestion }) });
    },
    get count() {
      return count;
    },
    sorted(first) {
      const files = [...new Set([first, ...problems.map((problem) => problem.file)])];
      const rank = (file: string): number => files.indexOf(file);
      const compare = (a: ManifestProblem, b: ManifestProblem): number =>
        rank(a.file) - rank(b.file) ||
        a.line - b.line ||
        a.column - b.column ||
        (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);
      return problems.toSorted(compare).slice(0, SHOWN_PROBLEMS);
    },
  };
}

function isSame(a: ManifestProblem, b: ManifestProblem): boolean {
  return (
    a.file === b.file && a.line === b.line && a.column === b.column && a.path === b.path && a.message === b.message
  );
}
