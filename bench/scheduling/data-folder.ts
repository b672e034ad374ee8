// Where the traces are that the scheduling benches read.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { UsageError, type BenchOption, type CommandLine } from "../support/command-line.ts";

/** The option of all of them. */
export const DATA_OPTION: BenchOption = {
  value: "FOLDER",
  says: "folder of the traces, or the one above their folder traffic; else FLYBALL_DATA names it",
};

/** The folder with the traces; undefined: nobody has named one. Throws `UsageError` for one that is not there. */
export function dataFolderOf(line: CommandLine, environment: NodeJS.ProcessEnv): string | undefined {
  const named = line.text("data") ?? environment["FLYBALL_DATA"];
  if (named === undefined) return undefined;
  if (!existsSync(named)) throw new UsageError(`there is no folder ${named}`);
  const inner = join(named, "traffic");
  return existsSync(inner) ? inner : named;
}

/** The same of a bench that can do nothing without. */
export function requireDataFolder(line: CommandLine, environment: NodeJS.ProcessEnv): string {
  const folder = dataFolderOf(line, environment);
  if (folder === undefined) throw new UsageError("say where the traces are: --data FOLDER or FLYBALL_DATA");
  return folder;
}
