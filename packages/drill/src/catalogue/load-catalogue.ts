// The fault catalogue: a folder of YAML files, one a fault, named after its id.
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { FlyballError } from "@flyball/core";
import type { FaultDefinition } from "../fault.ts";
import { checkFault } from "./check-fault.ts";
import { readFault } from "./read-fault.ts";
import { readYaml, type CatalogueProblem } from "./read-yaml.ts";

/** Problems that are shown; more are counted. */
const SHOWN_PROBLEMS = 20;

/** All faults of a folder, by id. Throws FB_DRILL_CATALOGUE with file, line, field and remedy of what is wrong. */
export async function loadCatalogue(folder: string): Promise<readonly FaultDefinition[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw invalid([problemOf(folder, `the folder cannot be read (${error.code ?? error.message})`)]);
  });
  const problems: CatalogueProblem[] = [];
  const faults: FaultDefinition[] = [];
  for (const id of names.flatMap((each) => (each.endsWith(".yaml") ? basename(each, ".yaml") : [])).toSorted()) {
    const name = `${id}.yaml`;
    const fault = parseFault(name, await readFile(join(folder, name), "utf8"), problems);
    if (fault) faults.push(fault);
  }
  if (faults.length === 0 && problems.length === 0)
    problems.push(problemOf(folder, "there is no fault (*.yaml) in it"));
  if (problems.length > 0) throw invalid(problems);
  return faults;
}

/** One fault of a text; `file` is named in problems and gives the id that it must have. */
export function parseFault(file: string, text: string, problems: CatalogueProblem[]): FaultDefinition | undefined {
  const before = problems.length;
  const root = readYaml(file, text, problems);
  const fault = root && readFault(root);
  if (!root || !fault || problems.length > before) return undefined;
  checkFault(root, fault, file);
  return problems.length > before ? undefined : fault;
}

function invalid(problems: readonly CatalogueProblem[]): FlyballError {
  const lines = problems.slice(0, SHOWN_PROBLEMS).map(formatProblem);
  if (problems.length > SHOWN_PROBLEMS) lines.push(`… and ${problems.length - SHOWN_PROBLEMS} more`);
  return new FlyballError("FB_DRILL_CATALOGUE", { summary: lines.join("\n"), problems });
}

function formatProblem({ file, line, column, field, message }: CatalogueProblem): string {
  const place = line > 0 ? `${file}:${line}:${column}` : file;
  return field === "" ? `${place} ${message}` : `${place} ${field}: ${message}`;
}

function problemOf(file: string, message: string): CatalogueProblem {
  return { file, line: 0, column: 0, field: "", message };
}
