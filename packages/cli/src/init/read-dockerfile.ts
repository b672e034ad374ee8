// A Dockerfile: what its last stage runs and the port that it exposes.
import { localText } from "../messages/localised-error.ts";
import type { FoundPort, FoundService, ProjectFolder } from "./found-service.ts";
import { toServiceName } from "./service-name.ts";
import { splitCommand, withInstancePort } from "./split-command.ts";

/** The program of the Dockerfile; undefined when there is none or it says nothing of a command. */
export function readDockerfile(
  folder: ProjectFolder,
  directory?: string,
  dockerfile = "Dockerfile",
): FoundService | undefined {
  const path = directory === undefined ? dockerfile : `${directory}/${dockerfile}`;
  const text = folder.read(path);
  if (text === undefined) return undefined;
  const stage = lastStage(text);
  const command = [...instruction(stage, "ENTRYPOINT"), ...instruction(stage, "CMD")];
  if (command.length === 0) return undefined;
  const exposed = Number(/^\s*EXPOSE\s+(\d+)/im.exec(stage)?.[1]);
  const port: FoundPort = { protocol: "http", ...(exposed >= 1024 && exposed <= 65_535 ? { port: exposed } : {}) };
  return {
    name: toServiceName(directory ?? folder.name),
    source: path,
    command,
    ...(directory === undefined ? {} : { workingDirectory: directory }),
    ports: [port],
    comments: [localText("init.dockerfile-local", {})],
  };
}

function lastStage(text: string): string {
  const joined = text.replaceAll(/\\\r?\n/g, " ");
  return joined.split(/^\s*FROM\s/im).at(-1) ?? "";
}

/** The last instruction of this name, in either of its forms. */
function instruction(stage: string, name: "CMD" | "ENTRYPOINT"): readonly string[] {
  const lines = [...stage.matchAll(new RegExp(`^\\s*${name}\\s+(.+)$`, "gim"))];
  const value = lines.at(-1)?.[1]?.trim();
  if (value === undefined) return [];
  const list = parseList(value);
  return list === undefined ? splitCommand(value) : list.map(withInstancePort);
}

function parseList(value: string): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) && parsed.every((word) => typeof word === "string") ? parsed : undefined;
  } catch {
    return undefined;
  }
}
