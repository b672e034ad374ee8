// Problems as people read them: one a line, in the form that editors and terminals turn into a link.
import { relative } from "node:path";
import type { ManifestProblem } from "./manifest-problem.ts";

/** How to show problems. */
export interface FormatProblemsOptions {
  /** Files are shown relative to this folder. Default: as they are named in the problem. */
  readonly relativeTo?: string;
  /** Problems that were found but are not in the list. */
  readonly omitted?: number;
}

/** `flyball.yaml:12:5 services.api.comand: unknown key "comand". Did you mean "command"?` */
export function formatProblem(problem: ManifestProblem, options: FormatProblemsOptions = {}): string {
  const file =
    problem.line > 0 && options.relativeTo !== undefined ? relative(options.relativeTo, problem.file) : problem.file;
  const place = problem.line > 0 ? `${file}:${problem.line}:${problem.column}` : `${file}:`;
  const path = problem.path === "" ? "" : `${problem.path}: `;
  const hint = problem.suggestion === undefined ? "" : `. Did you mean "${problem.suggestion}"?`;
  return `${place} ${path}${problem.message}${hint}`;
}

/** One line a problem, without a newline at the end. */
export function formatProblems(problems: readonly ManifestProblem[], options: FormatProblemsOptions = {}): string {
  const lines = problems.map((problem) => formatProblem(problem, options));
  if (options.omitted !== undefined && options.omitted > 0) lines.push(`… and ${options.omitted} more`);
  return lines.join("\n");
}
