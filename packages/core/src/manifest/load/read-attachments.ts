// Files whose content becomes part of the app: environment files and configs.
import { createHash } from "node:crypto";
import type { ConfigSpec } from "../../app-spec.ts";
import type { PlaceholderUse } from "../check/check-context.ts";
import type { PathProblem } from "../problems/problem-list.ts";
import type { ManifestInput } from "../schema/manifest.ts";
import type { ManifestPath } from "../source/manifest-node.ts";
import type { ManifestFiles } from "./manifest-files.ts";
import { parseEnvFile } from "./parse-env-file.ts";

/** What was read, by service and config. */
export interface Attachments {
  readonly environments: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly configs: Readonly<Record<string, ConfigSpec>>;
  /** Placeholders in environment files. */
  readonly placeholders: readonly PlaceholderUse[];
}

/** What reading needs. */
export interface AttachmentContext {
  readonly files: ManifestFiles;
  readonly active: ReadonlySet<string>;
  /** The absolute path of a text that stands at a path of the manifest. */
  readonly resolvePath: (path: ManifestPath, text: string) => string;
  readonly report: (problem: PathProblem) => void;
}

/** Variables that Flyball sets itself; in a file shared with other tools they are passed over. */
const SET_BY_FLYBALL: ReadonlySet<string> = new Set(["PORT", "HOST"]);
const PLACEHOLDER = /\$\{((?:secrets|instance|services)\.[^}]*)\}/g;

/** Reads all of them. */
export async function readAttachments(input: ManifestInput, context: AttachmentContext): Promise<Attachments> {
  const environments = new Map<string, Record<string, string>>();
  const placeholders: PlaceholderUse[] = [];
  for (const [name, service] of Object.entries(input.services)) {
    if (service.env_file === undefined || !context.active.has(name)) continue;
    const isList = Array.isArray(service.env_file);
    const texts = typeof service.env_file === "string" ? [service.env_file] : service.env_file;
    const variables: Record<string, string> = {};
    for (const [index, text] of texts.entries()) {
      const path = ["services", name, "env_file", ...(isList ? [index] : [])];
      placeholders.push(...(await readEnvFile({ path, text, variables }, context)));
    }
    environments.set(name, variables);
  }
  return { environments, configs: await readConfigs(input, context), placeholders };
}

interface EnvFileRequest {
  readonly path: ManifestPath;
  readonly text: string;
  readonly variables: Record<string, string>;
}

async function readEnvFile(
  { path, text, variables }: EnvFileRequest,
  context: AttachmentContext,
): Promise<PlaceholderUse[]> {
  const file = context.resolvePath(path, text);
  const read = await context.files.read(file);
  if (!read.ok) {
    context.report({ path, code: "FB_MANIFEST_UNREADABLE", message: `"${text}" cannot be read: ${read.reason}` });
    return [];
  }
  const { entries, complaints } = parseEnvFile(read.text);
  for (const { line, column, message } of complaints) {
    context.report({ path, code: "FB_MANIFEST_SYNTAX", message, at: { file, line, column } });
  }
  const placeholders: PlaceholderUse[] = [];
  for (const { name, value, line } of entries) {
    if (SET_BY_FLYBALL.has(name)) continue;
    if (name.startsWith("FLYBALL_")) {
      const message = "names that begin with FLYBALL_ are set by Flyball only; choose another";
      context.report({ path, code: "FB_MANIFEST_NAME_CLASH", message, at: { file, line, column: 1 } });
    }
    variables[name] = value;
    const place = { file, line, column: 1 };
    for (const match of value.matchAll(PLACEHOLDER))
      placeholders.push({ path: path.slice(0, 3), name: match[1] as string, place });
  }
  return placeholders;
}

async function readConfigs(input: ManifestInput, context: AttachmentContext): Promise<Record<string, ConfigSpec>> {
  const configs: Record<string, ConfigSpec> = {};
  for (const [name, config] of Object.entries(input.configs)) {
    const content = config.file === undefined ? config.content : await readConfigFile(name, config.file, context);
    if (content !== undefined) configs[name] = { content, sha256: createHash("sha256").update(content).digest("hex") };
  }
  return configs;
}

async function readConfigFile(name: string, file: string, context: AttachmentContext): Promise<string | undefined> {
  const path = ["configs", name, "file"];
  const read = await context.files.read(context.resolvePath(path, file));
  if (read.ok) return read.text;
  context.report({ path, code: "FB_MANIFEST_UNREADABLE", message: `"${file}" cannot be read: ${read.reason}` });
  return undefined;
}
