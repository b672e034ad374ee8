// Which ports are listened on, and by whom. Binding alone does not tell (a busy port shows only at listen), and users want a name.
import { readdirSync, readFileSync, readlinkSync } from "node:fs";

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
export function findListeningSockets(host: string, port: number): ListeningSocket[] {
  const all = [...readSockets("/proc/net/tcp", 4), ...readSockets("/proc/net/tcp6", 6)];
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
export function findPortHolder(host: string, port: number): PortHolder | undefined {
  const names = new Set(findListeningSockets(host, port).map((socket) => `socket:[${socket.inode}]`));
  if (names.size === 0) return undefined;
  const pids = listOrEmpty("/proc")
    .map(Number)
    .filter((pid) => pid > 0);
  const pid = pids.find((candidate) => holdsOne(candidate, names));
  if (pid === undefined) return undefined;
  return { pid, command: readOrEmpty(`/proc/${pid}/comm`).trim() };
}

function holdsOne(pid: number, names: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  return listOrEmpty(folder).some((descriptor) => {
    try {
      return names.has(readlinkSync(`${folder}/${descriptor}`));
    } catch {
      return false;
    }
  });
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
