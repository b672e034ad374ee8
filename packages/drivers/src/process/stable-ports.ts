// The ports of tcp services, which dependants hold as addresses: allotted once for each service, ordinal and port name, and kept in
// a file so that they are the same after a restart of the app.
import { readFile } from "node:fs/promises";
import { replaceFile } from "@flyball/wire";

/** Allotments kept at most; the oldest is dropped beyond, and its service gets another port when it comes back. */
const MAX_ENTRIES = 1_000;

/** Allotted ports by key (`<service>/<ordinal>/<port name>`). */
export interface StablePorts {
  get(key: string): Promise<number | undefined>;
  /** Resolves when it is on the disk. */
  set(key: string, port: number): Promise<void>;
  /** All allotted ports. */
  ports(): Promise<ReadonlySet<number>>;
}

/** Reads the file at the first use; one that cannot be read counts as empty, as it holds nothing that cannot be chosen anew. */
export function createStablePorts(path: string): StablePorts {
  let loading: Promise<Map<string, number>> | undefined;
  let writing: Promise<void> = Promise.resolve();
  const load = (): Promise<Map<string, number>> => (loading ??= readPorts(path));

  return {
    get: async (key) => (await load()).get(key),
    async set(key, port) {
      const entries = await load();
      entries.delete(key);
      entries.set(key, port);
      for (const oldest of [...entries.keys()].slice(0, Math.max(0, entries.size - MAX_ENTRIES)))
        entries.delete(oldest);
      const result = writing.then(() => writePorts(path, entries));
      writing = result.catch(() => {});
      await result;
    },
    ports: async () => new Set((await load()).values()),
  };
}

async function readPorts(path: string): Promise<Map<string, number>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    const ports = (value as { ports?: unknown } | null)?.ports;
    const entries = ports !== null && typeof ports === "object" ? Object.entries(ports) : [];
    return new Map(entries.filter((entry): entry is [string, number] => isPort(entry[1])));
  } catch {
    return new Map();
  }
}

function isPort(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0 && (value as number) < 65_536;
}

function writePorts(path: string, entries: ReadonlyMap<string, number>): Promise<void> {
  return replaceFile(path, `${JSON.stringify({ version: 1, ports: Object.fromEntries(entries) }, undefined, 2)}\n`);
}
