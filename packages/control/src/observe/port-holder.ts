// Names the program that listens on a port: the inode from /proc/net/tcp, then whose descriptor it is. For messages only.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

const LISTEN_STATE = "0A";

/** `python3 (pid 4711)`, or undefined when nobody listens there or it belongs to another user. */
export function portHolder(port: number, procRoot = "/proc"): string | undefined {
  const inodes = new Set(["tcp", "tcp6"].flatMap((table) => listeningInodes(`${procRoot}/net/${table}`, port)));
  if (inodes.size === 0) return undefined;
  for (const entry of namesIn(procRoot)) {
    if (!/^\d+$/.test(entry)) continue;
    for (const descriptor of namesIn(`${procRoot}/${entry}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`${procRoot}/${entry}/fd/${descriptor}`))?.[1];
      if (inode !== undefined && inodes.has(inode)) return `${programName(`${procRoot}/${entry}`)} (pid ${entry})`;
    }
  }
  return undefined;
}

/** Another app of ours by its tag; else the program's file, because the name of its main thread (`MainThread`) says nothing. */
function programName(processFolder: string): string {
  const variables = textOf(`${processFolder}/environ`).split("\0");
  const tag = variables
    .map((variable) => /^FLYBALL_(?:INSTANCE|KEEPER)=([^/]+)/.exec(variable)?.[1])
    .find((found) => found !== undefined);
  if (tag !== undefined) return `flyball ${tag}`;
  return basename(linkOf(`${processFolder}/exe`)) || textOf(`${processFolder}/comm`).trim();
}

function listeningInodes(path: string, port: number): readonly string[] {
  const wanted = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return textOf(path)
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === LISTEN_STATE && fields[1]?.endsWith(wanted))
    .flatMap((fields) => (fields[9] === undefined ? [] : [fields[9]]));
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
