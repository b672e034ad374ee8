// Which ports are listened on, and by whom. Binding alone does not tell (a busy port shows only at listen), and users want a name.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** A TCP socket in state LISTEN. */
export interface ListeningSocket {
  readonly family: 4 | 6;
  /** Hexadecimal as in /proc/net/tcp: eight or 32 digits. */
  readonly addressHex: string;
  readonly port: number;
  readonly inode: string;
}

/** A program that holds a port. */
export interface PortHolder {
  readonly pid: number;
  /** `python3`; `flyball qa.3f9a01c2` for another app of ours. */
  readonly command: string;
}

/** Reads the text of /proc/net/tcp or tcp6. Source: proc_net_tcp in the kernel's documentation; state 0A is LISTEN. */
export function parseListeningSockets(text: string, family: 4 | 6): ListeningSocket[] {
  const sockets: ListeningSocket[] = [];
  for (const line of text.split("\n").slice(1)) {
    const fields = line.trim().split(/\s+/);
    const [addressHex, portHex] = (fields[1] ?? "").split(":");
    if (fields[3] !== "0A" || !addressHex || !portHex || !fields[9]) continue;
    sockets.push({ family, addressHex, port: Number.parseInt(portHex, 16), inode: fields[9] });
  }
  return sockets;
}

/** The sockets that listen on this port and stand in the way of `host`: the same address, or a wildcard on either side. */
export function findListeningSockets(host: string, port: number, procRoot = "/proc"): ListeningSocket[] {
  const all = [...readSockets(`${procRoot}/net/tcp`, 4), ...readSockets(`${procRoot}/net/tcp6`, 6)];
  const wanted = host.includes(":") ? ipv6Hex(host) : ipv4Hex(host);
  const isWildcard = /^0*$/.test(wanted);
  return all.filter((socket) => {
    if (socket.port !== port) return false;
    const isOtherWildcard = /^0*$/.test(socket.addressHex);
    const isSameFamily = socket.addressHex.length === wanted.length;
    if (isSameFamily) return isWildcard || isOtherWildcard || socket.addressHex === wanted;
    return (socket.family === 6 && isOtherWildcard) || (isWildcard && wanted.length === 32);
  });
}

/** The program that listens on the port; undefined when nobody does or it belongs to another user. */
export function findPortHolder(host: string, port: number, procRoot = "/proc"): PortHolder | undefined {
  const names = new Set(findListeningSockets(host, port, procRoot).map((socket) => `socket:[${socket.inode}]`));
  if (names.size === 0) return undefined;
  const pids = listOrEmpty(procRoot)
    .map(Number)
    .filter((pid) => pid > 0);
  const pid = pids.find((candidate) => holdsOne(`${procRoot}/${candidate}/fd`, names));
  if (pid === undefined) return undefined;
  return { pid, command: programName(`${procRoot}/${pid}`) };
}

/** Another app of ours by its tag; else the program's file, because the name of its main thread (`MainThread`) says nothing. */
function programName(folder: string): string {
  const tag = readOrEmpty(`${folder}/environ`)
    .split("\0")
    .map((variable) => /^FLYBALL_(?:INSTANCE|KEEPER)=([^/]+)/.exec(variable)?.[1])
    .find((found) => found !== undefined);
  if (tag !== undefined) return `flyball ${tag}`;
  return basename(linkOrEmpty(`${folder}/exe`)) || readOrEmpty(`${folder}/comm`).trim();
}

function holdsOne(folder: string, names: ReadonlySet<string>): boolean {
  return listOrEmpty(folder).some((descriptor) => names.has(linkOrEmpty(`${folder}/${descriptor}`)));
}

function readSockets(path: string, family: 4 | 6): ListeningSocket[] {
  return parseListeningSockets(readOrEmpty(path), family);
}

/** /proc shows an address as 32-bit words in the machine's byte order: little-endian on every machine that Node runs Linux on today but s390x. */
function ipv4Hex(host: string): string {
  return toHex(Buffer.from(host.split(".").map(Number)).swap32());
}

function ipv6Hex(host: string): string {
  const words = new URL(`http://[${host}]`).hostname.slice(1, -1).split("::");
  const [head, tail] = words.map((part) => part.split(":").filter(Boolean));
  const groups = [
    ...(head ?? []),
    ...Array<string>(8 - (head?.length ?? 0) - (tail?.length ?? 0)).fill("0"),
    ...(tail ?? []),
  ];
  const bytes = Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
  return toHex(bytes.swap32());
}

function toHex(bytes: Buffer): string {
  return bytes.toString("hex").toUpperCase();
}

function listOrEmpty(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function linkOrEmpty(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
