// A Python project: the server that its dependencies suggest, started with the port that Flyball chooses. Only the few lines that are
// needed are read from pyproject.toml; it is not parsed as a whole.
import { type LocalText, localText } from "../messages/localised-error.ts";
import type { FoundService, ProjectFolder } from "./found-service.ts";
import { toServiceName } from "./service-name.ts";

const ENTRY_FILES = ["main.py", "app.py", "server.py", "src/main.py", "app/main.py"];

/** The program of pyproject.toml; undefined when there is no such file or nothing to start. */
export function readPyproject(folder: ProjectFolder, directory?: string): FoundService | undefined {
  const at = (path: string): string => (directory === undefined ? path : `${directory}/${path}`);
  const text = folder.read(at("pyproject.toml"));
  if (text === undefined) return undefined;
  const read = (path: string): string | undefined => folder.read(at(path));
  const found = serverCommand(text, read) ?? scriptCommand(text) ?? fileCommand(read);
  if (found === undefined) return undefined;
  const name = /^\s*name\s*=\s*["']([^"']+)["']/m.exec(text)?.[1] ?? directory ?? folder.name;
  return {
    name: toServiceName(name),
    source: at("pyproject.toml"),
    command: [...runnerPrefix(text, read), ...found.command],
    ...(directory === undefined ? {} : { workingDirectory: directory }),
    comments: [found.comment],
  };
}

interface FoundCommand {
  readonly command: readonly string[];
  readonly comment: LocalText;
}

type ReadFile = (path: string) => string | undefined;

function serverCommand(text: string, read: ReadFile): FoundCommand | undefined {
  const uses = (library: string): boolean => new RegExp(`["']${library}\\b`, "i").test(text);
  const comment = localText("init.port-given", {});
  if (uses("fastapi") || uses("uvicorn") || uses("starlette")) {
    const target = applicationObject(read, /^(\w+)\s*=\s*(?:FastAPI|Starlette)\(/m) ?? "main:app";
    return { command: ["uvicorn", target, "--host", "127.0.0.1", "--port", "${instance.port}"], comment };
  }
  if (uses("flask")) {
    const target = applicationObject(read, /^(\w+)\s*=\s*Flask\(/m) ?? "app:app";
    return { command: ["flask", "--app", target, "run", "--port", "${instance.port}"], comment };
  }
  if (uses("django"))
    return { command: ["python", "manage.py", "runserver", "--noreload", "127.0.0.1:${instance.port}"], comment };
  if (uses("streamlit") && read("app.py") !== undefined)
    return {
      command: ["streamlit", "run", "app.py", "--server.headless", "true", "--server.port", "${instance.port}"],
      comment,
    };
  return undefined;
}

/** `main:app`, from the first entry file that makes the application object. */
function applicationObject(read: ReadFile, pattern: RegExp): string | undefined {
  for (const path of ENTRY_FILES) {
    const name = pattern.exec(read(path) ?? "")?.[1];
    if (name !== undefined) return `${path.replace(/\.py$/, "").replaceAll("/", ".")}:${name}`;
  }
  return undefined;
}

function scriptCommand(text: string): FoundCommand | undefined {
  const section = /^\[project\.scripts\]\s*\n((?:(?!\[).*\n?)*)/m.exec(text)?.[1];
  const name = /^\s*["']?([\w.-]+)["']?\s*=/m.exec(section ?? "")?.[1];
  return name === undefined ? undefined : { command: [name], comment: localText("init.port-hint", {}) };
}

function fileCommand(read: ReadFile): FoundCommand | undefined {
  const path = ENTRY_FILES.find((candidate) => read(candidate) !== undefined);
  return path === undefined ? undefined : { command: ["python", path], comment: localText("init.port-hint", {}) };
}

function runnerPrefix(text: string, read: ReadFile): readonly string[] {
  if (read("uv.lock") !== undefined || text.includes("[tool.uv")) return ["uv", "run"];
  if (read("poetry.lock") !== undefined || text.includes("[tool.poetry]")) return ["poetry", "run"];
  if (read("pdm.lock") !== undefined) return ["pdm", "run"];
  return [];
}
