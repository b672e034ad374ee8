// A Procfile: one program a line. `web` is published, `release` is a job, the others listen on nothing.
import { localText } from "../messages/localised-error.ts";
import type { FoundService, ProjectFolder } from "./found-service.ts";
import { toServiceName } from "./service-name.ts";
import { splitCommand } from "./split-command.ts";

/** The programs of the Procfile. */
export function readProcfile(folder: ProjectFolder): readonly FoundService[] {
  const text = folder.read("Procfile");
  if (text === undefined) return [];
  const entries = [...text.matchAll(/^([A-Za-z0-9_-]+):[ \t]*(\S.*)$/gm)].map(([, name = "", line = ""]) => ({
    name,
    line,
  }));
  const release = entries.find(({ name }) => name === "release");
  const releaseName = release === undefined ? undefined : toServiceName(release.name);
  return entries.map(({ name, line }): FoundService => {
    const common = { name: toServiceName(name), source: "Procfile", command: splitCommand(line) };
    if (name === "release") return { ...common, kind: "job", comments: [] };
    const dependsOn =
      releaseName === undefined ? {} : { dependsOn: [{ service: releaseName, condition: "completed" as const }] };
    if (name === "web" || line.includes("$PORT") || line.includes("${PORT"))
      return { ...common, ...dependsOn, comments: [localText("init.port-hint", {})] };
    return { ...common, ...dependsOn, ports: [], comments: [localText("init.no-port", {})] };
  });
}
