// Environment files: NAME=value lines, with `export`, comments, 'literal' and "escaped" quotes, which may span lines. Variables are not
// expanded. Own reader, because problems must name the line.

/** One variable of the file. */
export interface EnvFileEntry {
  readonly name: string;
  readonly value: string;
  /** From 1. */
  readonly line: number;
}

/** A line that cannot be read. */
export interface EnvFileComplaint {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** All variables and all complaints of a file. */
export interface ParsedEnvFile {
  readonly entries: readonly EnvFileEntry[];
  readonly complaints: readonly EnvFileComplaint[];
}

const MOST_ENTRIES = 5_000;
const HEAD = /^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*/;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", $: "$" };

/** Reads the text of an environment file. Later lines win over earlier ones with the same name. */
export function parseEnvFile(text: string): ParsedEnvFile {
  const lines = text.split(/\r?\n/);
  const entries: EnvFileEntry[] = [];
  const complaints: EnvFileComplaint[] = [];
  for (let index = 0; index < lines.length && entries.length < MOST_ENTRIES; index++) {
    const line = lines[index] as string;
    if (/^\s*(?:#|$)/.test(line)) continue;
    const head = HEAD.exec(line);
    if (head === null) {
      complaints.push({ line: index + 1, column: 1, message: describeBadLine(line) });
      continue;
    }
    const start = index;
    const read = readValue(lines, index, head[0].length);
    index = read.lastLine;
    if (read.complaint === undefined) entries.push({ name: head[1] as string, value: read.value, line: start + 1 });
    else complaints.push({ line: start + 1, column: head[0].length + 1, message: read.complaint });
  }
  return { entries, complaints };
}

function describeBadLine(line: string): string {
  const name = line.trim().split(/[\s=]/)[0] ?? "";
  if (!line.includes("=")) return `expected NAME=value, saw "${line.trim().slice(0, 40)}"`;
  return `"${name.slice(0, 40)}" is not the name of an environment variable`;
}

interface ReadValue {
  readonly value: string;
  readonly lastLine: number;
  readonly complaint?: string;
}

function readValue(lines: readonly string[], index: number, column: number): ReadValue {
  const line = lines[index] as string;
  const quote = line[column];
  if (quote === '"' || quote === "'") return readQuoted(lines, { index, column: column + 1, quote });
  const comment = line.slice(column).search(/(?:^|[ \t])#/);
  const value = comment < 0 ? line.slice(column) : line.slice(column, column + comment);
  return { value: value.trimEnd(), lastLine: index };
}

function readQuoted(lines: readonly string[], from: { index: number; column: number; quote: string }): ReadValue {
  let value = "";
  let column = from.column;
  for (let index = from.index; index < lines.length; index++) {
    const line = lines[index] as string;
    while (column < line.length) {
      const character = line[column] as string;
      if (character === from.quote) return finishQuoted(line.slice(column + 1), { value, lastLine: index });
      const escaped = from.quote === '"' && character === "\\" ? ESCAPES[line[column + 1] ?? ""] : undefined;
      value += escaped ?? character;
      column += escaped === undefined ? 1 : 2;
    }
    value += "\n";
    column = 0;
  }
  return { value: "", lastLine: from.index, complaint: `a ${from.quote} has no end` };
}

function finishQuoted(rest: string, read: ReadValue): ReadValue {
  return /^\s*(?:#.*)?$/.test(rest)
    ? read
    : { ...read, complaint: "expected the end of the line after the closing quote" };
}
