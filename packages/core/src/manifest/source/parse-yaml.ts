// Text → nodes with places. Only the part of YAML that a manifest needs is let through: one document, text keys, no custom tags, no
// duplicate keys, no keys that reach a prototype. Aliases and `<<` are resolved here, with a bound on what they expand to.
import { LineCounter, parseDocument, type Node, type YAMLError } from "yaml";
import type { ManifestProblem } from "../problems/manifest-problem.ts";
import { convertDocument, type Refuse } from "./convert-document.ts";
import type { ManifestNode, SourceLocation } from "./manifest-node.ts";
import { scanYaml } from "./scan-yaml.ts";

/** A file's content as nodes, or why it cannot be read. */
export type ParsedYaml =
  | { readonly ok: true; readonly root: ManifestNode }
  | { readonly ok: false; readonly problems: readonly ManifestProblem[] };

/** Parses one file. `file` is the name that problems show. */
export function parseYaml(file: string, text: string): ParsedYaml {
  const lines = new LineCounter();
  const problems: ManifestProblem[] = [];
  const locate = (offset: number): SourceLocation => {
    const { line, col } = lines.linePos(Math.max(0, offset));
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refuse: Refuse = (offset, message, extra) => {
    problems.push({ ...locate(offset), path: "", message, code: "FB_MANIFEST_SYNTAX", ...extra });
  };
  const refusal = scanYaml(text);
  if (refusal !== undefined) {
    countLines(lines, text);
    refuse(refusal.offset, refusal.message, { code: refusal.code });
    return { ok: false, problems };
  }
  const contents = parseContents(text, lines, refuse);
  if (problems.length > 0) return { ok: false, problems };
  if (contents === null) {
    refuse(0, "the file is empty");
    return { ok: false, problems };
  }
  const root = convertDocument(contents, { text, locate, refuse });
  return problems.length > 0 ? { ok: false, problems } : { ok: true, root };
}

function countLines(lines: LineCounter, text: string): void {
  lines.addNewLine(0);
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) lines.addNewLine(at + 1);
}

/** The first error is enough: those after it are mostly its consequences. */
function parseContents(text: string, lines: LineCounter, refuse: Refuse): Node | null {
  const options = { lineCounter: lines, uniqueKeys: false, prettyErrors: false, logLevel: "error" } as const;
  try {
    const document = parseDocument(text, options);
    const error = document.errors[0] ?? document.warnings[0];
    if (error !== undefined) refuse(error.pos[0], describeSyntax(error) + variableHint(text, error.pos[0]));
    return document.contents;
  } catch (error) {
    // The parser throws on a few malformed inputs that it does not report as errors.
    refuse(0, `the YAML cannot be parsed: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

/** `{ replicas: ${N} }` is the start of a map inside a map to YAML. */
function variableHint(text: string, offset: number): string {
  return text[offset - 1] === "$" && text[offset] === "{"
    ? '; inside { } and [ ] write a variable in quotes: "${…}"'
    : "";
}

function describeSyntax({ code, message }: YAMLError): string {
  if (code === "TAB_AS_INDENT") return "a tab is used for indentation; use spaces";
  if (code === "TAG_RESOLVE_FAILED") return `${message.toLowerCase()}; tags are not used in a manifest`;
  if (code === "MULTIPLE_DOCS") return "more than one YAML document; a manifest is one document";
  const bracket = /end with a ([\]}])/.exec(message)?.[1];
  if (bracket !== undefined) return `a ${bracket === "]" ? "[" : "{"} is not closed with ${bracket}`;
  if (message.startsWith("Nested mappings")) return 'a second ": " in one line; put a value that holds ": " in quotes';
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}
