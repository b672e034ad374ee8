// The sockets that the keeper passes: it bound them, this process listens on them. FLYBALL_LISTENERS describes them.

/** One inherited socket with its descriptors: one for each worker, further ones are spares for workers that die. */
export interface InheritedListener {
  readonly id: string;
  readonly host: string;
  readonly port: number;
  readonly fds: readonly number[];
}

/** Reads FLYBALL_LISTENERS; an absent or empty value is no listener. Throws with a sentence for anything malformed. */
export function parseInheritedListeners(value: string | undefined): InheritedListener[] {
  if (value === undefined || value.trim() === "") return [];
  const parsed: unknown = JSON.parse(value);
  if (!Array.isArray(parsed)) throw new Error("FLYBALL_LISTENERS is no list");
  return parsed.map((item: unknown) => {
    if (!isListener(item)) {
      throw new Error(`FLYBALL_LISTENERS has a malformed entry: ${JSON.stringify(item)}`);
    }
    return { id: item.id, host: item.host, port: item.port, fds: item.fds };
  });
}

function isListener(item: unknown): item is InheritedListener {
  if (item === null || typeof item !== "object") return false;
  const { id, host, port, fds } = item as Record<string, unknown>;
  return (
    typeof id === "string" &&
    typeof host === "string" &&
    Number.isInteger(port) &&
    Array.isArray(fds) &&
    fds.every((fd) => Number.isInteger(fd) && fd >= 0)
  );
}
