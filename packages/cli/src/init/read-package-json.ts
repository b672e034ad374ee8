// A Node project: its start script, run without npm in between where the script is a plain command.
import { localText } from "../messages/localised-error.ts";
import type { FoundService, ProjectFolder } from "./found-service.ts";
import { toServiceName } from "./service-name.ts";
import { splitCommand } from "./split-command.ts";

const DEPENDENCIES_WITHOUT_PORT = /^(bullmq|bull|agenda|node-cron)$/;

/** The program of package.json; undefined when it has none to start. */
export function readPackageJson(folder: ProjectFolder, directory?: string): FoundService | undefined {
  const path = directory === undefined ? "package.json" : `${directory}/package.json`;
  const content = parseObject(folder.read(path));
  const start = asText(asObject(content?.["scripts"])?.["start"]) ?? mainScript(content);
  if (content === undefined || start === undefined) return undefined;
  const command = splitCommand(start);
  const isOwnBinary = command[0] !== "node" && command[0] !== "sh";
  const name = toServiceName(asText(content["name"]) ?? directory ?? folder.name);
  const isWorker = Object.keys(asObject(content["dependencies"]) ?? {}).some((dependency) =>
    DEPENDENCIES_WITHOUT_PORT.test(dependency),
  );
  return {
    name,
    source: path,
    command: isOwnBinary || command[0] === "sh" ? ["npm", "run", "start"] : command,
    ...(directory === undefined ? {} : { workingDirectory: directory }),
    comments: isWorker ? [localText("init.no-port-hint", {})] : [localText("init.port-hint", {})],
  };
}

function mainScript(content: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const main = asText(content?.["main"]);
  return main === undefined ? undefined : `node ${main}`;
}

function parseObject(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (text === undefined) return undefined;
  try {
    return asObject(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

function asText(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}
