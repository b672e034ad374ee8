// Looks at a folder and decides which of its files tells most about what to run: compose before Procfile before a single program, and
// when the folder itself has no program, those of the folders below.
import { localText } from "../messages/localised-error.ts";
import type { FoundService, FoundServices, ProjectFolder } from "./found-service.ts";
import { readCompose } from "./read-compose.ts";
import { readDockerfile } from "./read-dockerfile.ts";
import { readPackageJson } from "./read-package-json.ts";
import { readProcfile } from "./read-procfile.ts";
import { readPyproject } from "./read-pyproject.ts";

/** More folders than this are not looked into. */
const MAX_FOLDERS = 50;

/** The programs of a folder; when there are none, a small one that shows how it goes. */
export function findServices(folder: ProjectFolder): FoundServices {
  const compose = readCompose(folder);
  if (compose.services.length > 0) return compose;
  const procfile = readProcfile(folder);
  const single = readProgram(folder);
  const below = folder
    .folders()
    .slice(0, MAX_FOLDERS)
    .flatMap((directory) => readProgram(folder, directory) ?? []);
  const found = [procfile, single === undefined ? [] : [single], below].find((candidates) => candidates.length > 0);
  if (found !== undefined) return { services: withUniqueNames(found), comments: compose.comments };
  return { services: [exampleService()], comments: [...compose.comments, localText("init.nothing-found", {})] };
}

function readProgram(folder: ProjectFolder, directory?: string): FoundService | undefined {
  return readPackageJson(folder, directory) ?? readPyproject(folder, directory) ?? readDockerfile(folder, directory);
}

/** Two folders may hold packages of one name. */
function withUniqueNames(services: readonly FoundService[]): readonly FoundService[] {
  const seen = new Map<string, number>();
  return services.map((service) => {
    const count = (seen.get(service.name) ?? 0) + 1;
    seen.set(service.name, count);
    return count === 1 ? service : { ...service, name: `${service.name.slice(0, 36)}-${count}` };
  });
}

function exampleService(): FoundService {
  const program =
    'require("http").createServer((_, response) => response.end("hello\\n")).listen(process.env.PORT, process.env.HOST)';
  return { name: "hello", source: "", command: ["node", "-e", program], comments: [] };
}
